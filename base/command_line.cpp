#include "base/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/nearest.h"
#include "base/process.h"
#include "base/text.h"

namespace zctrace {
namespace {

constexpr size_t kWidth = 80, kColumn = 28;

/// `text` from `column` on, in lines of at most kWidth; its own line breaks, and lines that are indented, stay.
std::string wrapped(const std::string& text, size_t column) {
  std::string result;
  std::istringstream lines(text);
  const auto put = [&](const std::string& line) {
    result += (result.empty() ? "" : "\n" + std::string(column, ' ')) + line;
  };
  for (std::string line; std::getline(lines, line);) {
    const bool stays = line.empty() || line.starts_with("  ");
    if (stays) put(line);
    for (const std::string& part : stays ? std::vector<std::string>() : wrap(line, static_cast<int>(kWidth - column)))
      put(part);
  }
  return result;
}

std::string as_it_is(const std::string& english) { return english; }

/// What options and commands say of themselves beyond what CLI11 keeps.
class HelpText : public CLI::Formatter {
 public:
  void runs_a_command(const CLI::App* app) { runners_.insert(app); }
  void choices(const CLI::Option* option, std::vector<std::string> words) { choices_[option] = std::move(words); }
  void lists_choices(const CLI::Option* option) { listed_.insert(option); }
  void translate(Translation translation) { translation_ = std::move(translation); }

  CommandText describe(const CLI::App* app, const std::string& name, const Translation& say) const {
    CommandText text{name,
                     say(app->get_description()),
                     "[OPTIONS]",
                     options(app, true, say),
                     options(app, false, say),
                     {},
                     {},
                     {}};
    for (const OptionText& operand : text.operands) text.usage += " " + operand.names[0] + (operand.many ? "..." : "");
    if (app->get_require_subcommand_min() > 0) text.usage += " COMMAND";
    if (runners_.contains(app)) text.usage += " -- COMMAND...";
    for (const CLI::App* each : app->get_subcommands({})) {
      if (each->get_group().empty()) continue;
      if (!each->get_name().empty())
        text.commands.push_back(describe(each, name + " " + each->get_name(), say));
      else
        text.one_of = options(each, false, say);
    }
    std::istringstream lines(app->get_footer());
    for (std::string line; std::getline(lines, line);) text.footer += (text.footer.empty() ? "" : "\n") + say(line);
    return text;
  }

  /// --help of every command, 80 columns wide.
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override {
    const CommandText of = describe(app, name, translation_);
    std::string text = wrapped(of.summary, 0) + "\n\n" + translation_("Usage: ") + name + " " + of.usage + "\n";
    text += section("Operands:", rows(of.operands)) + section("Options:", rows(of.options)) +
            section("One of:", rows(of.one_of));
    std::string commands;
    for (const CommandText& each : of.commands)
      commands += row(each.name.substr(each.name.rfind(' ') + 1), each.summary);
    text += section("Commands:", commands);
    if (!of.footer.empty()) text += "\n" + wrapped(of.footer, 0) + "\n";
    return text;
  }

 private:
  std::vector<OptionText> options(const CLI::App* app, bool operands, const Translation& say) const {
    std::vector<OptionText> texts;
    const auto shown = [&](const CLI::Option* option) {
      const bool help_of_group = app->get_name().empty() && option == app->get_help_ptr();
      return !option->get_group().empty() && option->get_positional() == operands && !help_of_group;
    };
    for (const CLI::Option* option : app->get_options(shown)) {
      OptionText text;
      text.operand = operands;
      text.many = option->get_expected_max() >= CLI::detail::expected_max_vector_size;
      if (operands) {
        text.names = {option->get_name(true, false)};
        text.value = text.names[0];
      } else {
        for (const std::string& name : option->get_snames()) text.names.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) text.names.push_back("--" + name);
        if (option->get_type_size() != 0) text.value = option->get_type_name();
      }
      if (const auto known = choices_.find(option); known != choices_.end()) text.choices = known->second;
      text.help = help_of(option, operands, text.choices, say);
      texts.push_back(std::move(text));
    }
    return texts;
  }

  std::string help_of(const CLI::Option* option, bool operand, const std::vector<std::string>& choices,
                      const Translation& say) const {
    std::string help = say(option->get_description());
    if (listed_.contains(option)) {
      for (const std::string& each : choices) help += (&each == &choices.front() ? say(": ") : say(", ")) + each;
      help += say(".");
    }
    if (option->get_required() && !operand) help += say(" Required.");
    if (const std::string value = option->get_default_str(); !value.empty()) {
      if (const std::string stop = say("."); help.ends_with(stop)) help.resize(help.size() - stop.size());
      help += say(" (default: ") + say(value) + say(").");
    }
    return help;
  }

  static std::string rows(const std::vector<OptionText>& options) {
    std::string text;
    for (const OptionText& option : options) {
      std::string name;
      for (const std::string& each : option.names) name += (name.empty() ? "" : ", ") + each;
      if (option.operand && option.many) name += "...";
      text += row(option.operand || option.value.empty() ? name : name + " " + option.value, option.help);
    }
    return text;
  }

  static std::string row(const std::string& name, const std::string& help) {
    std::string text = "  " + name;
    text += text.size() + 1 < kColumn ? std::string(kColumn - text.size(), ' ') : "\n" + std::string(kColumn, ' ');
    return text + wrapped(help, kColumn) + "\n";
  }

  std::string section(const char* title, const std::string& rows) const {
    return rows.empty() ? "" : "\n" + translation_(title) + "\n" + rows;
  }

  Translation translation_ = as_it_is;
  std::set<const CLI::App*> runners_;
  std::set<const CLI::Option*> listed_;
  std::map<const CLI::Option*, std::vector<std::string>> choices_;
};

HelpText& help_text(CLI::App* app) { return dynamic_cast<HelpText&>(*app->get_formatter()); }

}  // namespace

Option& Option::required() { return option_->required(), *this; }
Option& Option::hidden() { return option_->group(""), *this; }
Option& Option::shows_default() { return option_->capture_default_str(), *this; }
Option& Option::default_text(const std::string& text) { return option_->default_str(text), *this; }
Option& Option::separated_by(char separator) { return option_->delimiter(separator), *this; }
// Their help says which words there are; CLI11 would say it once more.
Option& Option::one_of(std::vector<std::string> words) {
  choices(words);
  return option_->check(CLI::IsMember(std::move(words)).description("")), *this;
}
Option& Option::between(double least, double most) {
  return option_->check(CLI::Range(least, most).description("")), *this;
}
Option& Option::value_name(const std::string& name) { return option_->type_name(name), *this; }
Option& Option::choices(std::vector<std::string> words) {
  return help_text(app_).choices(option_, std::move(words)), *this;
}
Option& Option::lists_choices(std::vector<std::string> words) {
  help_text(app_).lists_choices(option_);
  return choices(std::move(words));
}
Option& Option::at_once() { return option_->trigger_on_parse(), *this; }

namespace {

/// An empty word is a variable of a script that is not set: not the same as an option that was not given.
CLI::Validator not_empty() {
  return CLI::Validator([](const std::string& word) { return word.empty() ? "empty value" : std::string(); }, "");
}

}  // namespace

Command Command::subcommand(const std::string& name, const std::string& summary) {
  return Command(app_->add_subcommand(name, summary));
}
void Command::needs_subcommand() { app_->require_subcommand(1); }
void Command::hidden() { app_->group(""); }
void Command::footer(const std::string& text) { app_->footer(text); }
void Command::runs_a_command() { help_text(app_).runs_a_command(app_); }
void Command::on_call(std::function<void()> act) { app_->callback(std::move(act)); }

Option Command::option(const std::string& names, std::string& target, const std::string& help) {
  return Option(app_->add_option(names, target, help)->check(not_empty()), app_);
}
Option Command::option(const std::string& names, std::vector<std::string>& target, const std::string& help) {
  CLI::Option* option = app_->add_option(names, target, help)->check(not_empty());
  if (names.starts_with('-')) option->allow_extra_args(false);  // each value has its option before it
  return Option(option, app_);
}
Option Command::option(const std::string& names, int& target, const std::string& help) {
  return Option(app_->add_option(names, target, help), app_);
}
Option Command::option(const std::string& names, uint64_t& target, const std::string& help) {
  return Option(app_->add_option(names, target, help), app_);
}
Option Command::option(const std::string& names, std::optional<double>& target, const std::string& help) {
  return Option(app_->add_option(names, target, help), app_);
}
Option Command::option(const std::string& names, std::function<void(const std::string&)> take,
                       const std::string& help) {
  return Option(app_->add_option_function<std::string>(names, std::move(take), help), app_);
}
Option Command::flag(const std::string& names, bool& target, const std::string& help) {
  return Option(app_->add_flag(names, target, help), app_);
}
std::vector<std::string> Command::given_options(std::span<const std::string_view> without) const {
  std::vector<std::string> words;
  for (const CLI::Option* option : app_->get_options()) {
    if (option->get_positional()) continue;
    // Not get_name(): of a hidden option that is empty.
    const std::string name =
        option->get_lnames().empty() ? "-" + option->get_snames().front() : "--" + option->get_lnames().front();
    if (std::ranges::find(without, name) != without.end()) continue;
    const bool flag = option->get_items_expected_max() == 0;
    for (const std::string& value : option->results()) words.push_back(name + (flag ? "" : "=" + value));
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
  app_->formatter(std::make_shared<HelpText>());
  app_->set_help_flag("-h,--help", "Show this help and exit.");
  app_->fallthrough();
  app_->require_subcommand(1);
}
CommandLine::~CommandLine() = default;

CommandText CommandLine::text() const {
  return help_text(app_.get()).describe(app_.get(), app_->get_name(), as_it_is);
}
void CommandLine::translate(Translation translation) { help_text(app_.get()).translate(std::move(translation)); }
Command CommandLine::root() { return Command(app_.get()); }
void CommandLine::before_call(std::function<void(const std::string& subcommand)> act) {
  app_->parse_complete_callback([app = app_.get(), act = std::move(act)] {
    for (const CLI::App* subcommand : app->get_subcommands()) act(subcommand->get_name());
  });
}

void CommandLine::version(const std::string& text) {
  app_->set_version_flag("-V,--version", text, "Show the version and exit.");
}

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

namespace {

std::vector<std::string> listed_commands(const CLI::App* app) {
  std::vector<std::string> names{"help", "version"};
  for (const CLI::App* each : app->get_subcommands({}))
    if (!each->get_group().empty()) names.push_back(each->get_name());
  return names;
}

/// Of a command and of those above it.
std::vector<std::string> options_of(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app; app = app->get_parent())
    for (const CLI::Option* option : app->get_options())
      if (!option->get_group().empty())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

bool has(const CLI::App* app, const std::string& command) {
  return !app->get_subcommands([&](const CLI::App* each) { return each->check_name(command); }).empty();
}

/// Where the command stands: options of ours may stand before it.
size_t command_in(const CLI::App* app, const std::vector<std::string>& words) {
  size_t at = 0;
  while (at < words.size() && words[at].starts_with('-')) {
    const CLI::Option* option = app->get_option_no_throw(words[at]);
    at += option && option->get_items_expected_max() > 0 ? 2 : 1;
  }
  return std::min(at, words.size());
}

/// "help run" is "run --help", "version" is "--version", and nothing at all asks for help. What is not a command's name
/// is left to the subcommand "help", where there is one.
std::vector<std::string> as_options(const CLI::App* app, int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return {"--help"};
  const size_t at = command_in(app, words);
  if (at == words.size()) return words;
  if (words[at] == "version") words[at] = "--version";
  if (words[at] != "help") return words;
  if (at + 1 < words.size() && has(app, "help") && !has(app, words[at + 1])) return words;
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  words.emplace_back("--help");
  return words;
}

}  // namespace

bool CommandLine::run(int argc, const char* const* argv) {
  const std::vector<std::string> words = as_options(app_.get(), argc, argv);
  try {
    app_->parse(std::vector<std::string>(words.rbegin(), words.rend()));  // it takes them from behind
    return true;
  } catch (const CLI::Success& asked) {  // --help, --version
    app_->exit(asked);
    return false;
  } catch (const CLI::ParseError& error) {
    std::string command = app_->get_name();
    const size_t at = command_in(app_.get(), words);
    if (app_->get_subcommands().empty() && at < words.size() && !has(app_.get(), words[at])) {
      const std::string& word = words[at];
      std::string hint = command + " --help";
      // As strace, perf and time take it.
      if (!find_program(word).empty()) hint = command + " exec -- " + word + (at + 1 < words.size() ? " ..." : "");
      throw Error(ExitStatus::usage, unknown_text("command", word, listed_commands(app_.get())), hint);
    }
    const CLI::App* chosen = app_.get();
    for (const CLI::App* subcommand : app_->get_subcommands()) {
      command += " " + subcommand->get_name();
      chosen = subcommand;
    }
    const std::string what = error.what();
    const std::string option = what.substr(what.rfind(' ') + 1);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) && option.starts_with('-'))
      throw Error(ExitStatus::usage, unknown_text("option", option, options_of(chosen)), command + " --help");
    throw Error(ExitStatus::usage, error.what(), command + " --help");
  }
}

}  // namespace zctrace
