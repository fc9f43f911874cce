#include "base/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/error.h"

namespace zctrace {

Option& Option::required() { return option_->required(), *this; }
Option& Option::hidden() { return option_->group(""), *this; }
Option& Option::shows_default() { return option_->capture_default_str(), *this; }
Option& Option::separated_by(char separator) { return option_->delimiter(separator), *this; }
// Their help says which words there are; CLI11 would say it once more.
Option& Option::one_of(std::vector<std::string> words) {
  return option_->check(CLI::IsMember(std::move(words)).description("")), *this;
}
Option& Option::between(double least, double most) { return option_->check(CLI::Range(least, most)), *this; }
Option& Option::value_name(const std::string& name) { return option_->type_name(name), *this; }
Option& Option::at_once() { return option_->trigger_on_parse(), *this; }

Command Command::subcommand(const std::string& name, const std::string& summary) {
  return Command(app_->add_subcommand(name, summary));
}
void Command::needs_subcommand() { app_->require_subcommand(1); }
void Command::hidden() { app_->group(""); }
void Command::footer(const std::string& text) { app_->footer(text); }
void Command::on_call(std::function<void()> act) { app_->callback(std::move(act)); }

Option Command::option(const std::string& names, std::string& target, const std::string& help) {
  return Option(app_->add_option(names, target, help));
}
Option Command::option(const std::string& names, std::vector<std::string>& target, const std::string& help) {
  return Option(app_->add_option(names, target, help));
}
Option Command::option(const std::string& names, int& target, const std::string& help) {
  return Option(app_->add_option(names, target, help));
}
Option Command::option(const std::string& names, uint64_t& target, const std::string& help) {
  return Option(app_->add_option(names, target, help));
}
Option Command::option(const std::string& names, std::optional<double>& target, const std::string& help) {
  return Option(app_->add_option(names, target, help));
}
Option Command::option(const std::string& names, std::function<void(const std::string&)> take,
                       const std::string& help) {
  return Option(app_->add_option_function<std::string>(names, std::move(take), help));
}
Option Command::flag(const std::string& names, bool& target, const std::string& help) {
  return Option(app_->add_flag(names, target, help));
}
std::vector<std::string> Command::given_options(std::span<const std::string_view> without) const {
  std::vector<std::string> words;
  for (const CLI::Option* option : app_->get_options()) {
    if (option->get_positional() || std::ranges::find(without, option->get_name()) != without.end()) continue;
    const bool flag = option->get_items_expected_max() == 0;
    for (const std::string& value : option->results()) words.push_back(option->get_name() + (flag ? "" : "=" + value));
  }
  return words;
}
Command Command::one_needed() {
  CLI::App* group = app_->add_option_group("one of");
  group->require_option(1);
  return Command(group);
}

CommandLine::CommandLine(const std::string& program, const std::string& summary)
    : app_(std::make_unique<CLI::App>(summary, program)) {
  app_->fallthrough();
  app_->require_subcommand(1);
}
CommandLine::~CommandLine() = default;

Command CommandLine::root() { return Command(app_.get()); }
void CommandLine::version(const std::string& text) { app_->set_version_flag("--version", text); }

int CommandLine::own_words(int argc, const char* const* argv, std::span<const std::string_view> runners) const {
  const CLI::App* runner = nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (runner && (word == "--" || !word.starts_with('-'))) return i;
    if (!word.starts_with('-')) {
      if (std::find(runners.begin(), runners.end(), word) == runners.end()) return argc;
      const auto named = app_->get_subcommands([&word](const CLI::App* each) { return each->check_name(word); });
      if (named.empty()) return argc;  // not part of this build
      runner = named.front();
      continue;
    }
    const CLI::Option* option = runner ? runner->get_option_no_throw(word) : nullptr;
    if (!option) option = app_->get_option_no_throw(word);
    if (option && option->get_items_expected_max() > 0) ++i;  // its value
  }
  return argc;
}

bool CommandLine::run(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::Success& asked) {  // --help, --version
    app_->exit(asked);
    return false;
  } catch (const CLI::ParseError& error) {
    std::string command = app_->get_name();
    if (app_->get_subcommands().empty() && argc > 1 && argv[1][0] != '-')
      throw Error(ExitStatus::usage, "unknown command '" + std::string(argv[1]) + "'", command + " --help");
    for (const CLI::App* subcommand : app_->get_subcommands()) command += " " + subcommand->get_name();
    throw Error(ExitStatus::usage, error.what(), command + " --help");
  }
}

}  // namespace zctrace
