#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/nearest.h"
#include "model/language/language.h"
#include "userspace/commands/manual/topic.h"
#include "viz/terminal/style.h"

namespace zctrace::commands {

namespace {

void print_topic(const Topic& topic) {
  const auto text = chosen_language() == Language::chinese ? topic.chinese : topic.text;
  constexpr int kWidest = 100;  // longer lines are hard to read
  const auto style = terminal::style_of(stdout);
  for (const TopicLine& line : topic_lines(text, std::min(style.width, kWidest)))
    fmt::print("{}\n", terminal::paint(line.text, line.heading ? terminal::Ink::strong : terminal::Ink::plain, style));
}

}  // namespace

void add_help(Command& program, const std::function<CommandText()>& text) {
  Command command = program.subcommand("help", "Explain a command or a topic.");
  std::vector<std::string> words;
  for (const Topic& topic : topics()) words.push_back(topic.name);
  const auto topic = std::make_shared<std::string>();
  command.option("TOPIC", *topic, "A command, or one of").required().lists_choices(words);
  command.footer("Examples:\n  zctrace help run\n  zctrace help measuring\n  zctrace help security");
  command.on_call([topic, text, words] {
    const auto found = std::ranges::find(topics(), *topic, &Topic::name);
    if (found != topics().end()) return print_topic(*found);
    std::vector<std::string> known = words;
    for (const CommandText& each : text().commands) known.push_back(each.name.substr(each.name.find(' ') + 1));
    throw Error(ExitStatus::usage, unknown_text("topic", *topic, known), "zctrace help --help");
  });
}

}  // namespace zctrace::commands
