#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/command_text.h"

/// Command lines, read by CLI11. Its header costs a translation unit some ten seconds, so that it stands in one alone.
namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace zctrace {

/// An option or an operand, and its properties.
class Option {
 public:
  Option(CLI::Option* option, CLI::App* app) : option_(option), app_(app) {}

  Option& required();
  Option& hidden();
  Option& shows_default();                          ///< in --help, as "(default: 64KiB)"
  Option& default_text(const std::string& text);    ///< the same, where the target does not say it
  Option& separated_by(char separator);             ///< several values in one word
  Option& one_of(std::vector<std::string> words);   ///< anything else is an error
  Option& choices(std::vector<std::string> words);  ///< for completion: what one usually gives
  Option& between(double least, double most);       ///< anything else is an error
  /// The same, and its help, which has no full stop, goes on with them: "Methods to run, or all: read_write, sendfile."
  Option& lists_choices(std::vector<std::string> words);
  Option& value_name(const std::string& name);      ///< in --help, as "FILE"
  Option& at_once();                                ///< takes effect where it stands, before what follows is read

 private:
  CLI::Option* option_;
  CLI::App* app_;
};

/// A subcommand (or the program itself) and its options. Summaries and helps are sentences: a capital, the imperative,
/// a full stop; --help wraps them at 80 columns. What options write to must outlive the parsing: what on_call()
/// captures does.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command subcommand(const std::string& name, const std::string& summary);
  void needs_subcommand();
  void hidden();
  void footer(const std::string& text);  ///< at the end of --help: what else there is to know, and "Examples:\n  ..."
  void runs_a_command();                 ///< its usage ends in "-- COMMAND..."
  void on_call(std::function<void()> act);

  /// `names`: "-o,--output", "--size", or "FILE" for an operand.
  Option option(const std::string& names, std::string& target, const std::string& help = {});
  Option option(const std::string& names, std::vector<std::string>& target, const std::string& help = {});
  Option option(const std::string& names, int& target, const std::string& help = {});
  Option option(const std::string& names, uint64_t& target, const std::string& help = {});
  Option option(const std::string& names, std::optional<double>& target, const std::string& help = {});
  Option option(const std::string& names, std::function<void(const std::string&)> take, const std::string& help = {});
  Option flag(const std::string& names, bool& target, const std::string& help = {});
  /// A value that is called by one of these words. Target: Value, or what a Value can be assigned to.
  template <class Target, class Value>
  Option choice(const std::string& names, Target& target, const std::vector<std::pair<std::string, Value>>& values,
                const std::string& help) {
    std::vector<std::string> words;
    for (const auto& value : values) words.push_back(value.first);
    const auto take = [&target, values](const std::string& word) {
      for (const auto& [name, value] : values)
        if (name == word) target = value;
    };
    Option chosen = option(names, take, help).one_of(std::move(words));
    if constexpr (std::is_same_v<Target, Value>)
      for (const auto& [name, value] : values)
        if (value == target) chosen.default_text(name);
    return chosen;
  }
  /// The options that were given, each as one word ("--size=4MiB"), for another zctrace that does the work: without
  /// operands, and without those of these long names.
  std::vector<std::string> given_options(std::span<const std::string_view> without) const;
  /// Exactly one of the options that are added to what it returns must be given.
  Command one_needed();

 private:
  CLI::App* app_;
};

/// What --help says, in another language; what it does not know as it is. Asked for summaries, helps, each line of a
/// footer, and what stands between them: "Options:", " (default: ", ").".
using Translation = std::function<std::string(const std::string& english)>;

/// A program's whole command line.
class CommandLine {
 public:
  CommandLine(const std::string& program, const std::string& summary);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command root();
  CommandText text() const;  ///< in English
  void translate(Translation translation);  ///< --help
  void version(const std::string& text);  ///< what --version says

  /// Done with the subcommand's name once all words have been read, and before what they ask for.
  void before_call(std::function<void(const std::string& subcommand)> act);

  /// How many of the words are ours: where one of the subcommands `runners` stands, what follows a "--", or begins with
  /// the first word that is no option of ours, is another program's command line.
  int own_words(int argc, const char* const* argv, std::span<const std::string_view> runners) const;

  /// Reads the words and does what they ask for. False: that was --help or --version. Throws Error (usage).
  bool run(int argc, const char* const* argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace zctrace
