#include "userspace/commands/manual/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <vector>

namespace zctrace::commands {

namespace {

/// In single quotes, for all three shells.
std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char each : text) result += each == '\'' ? "'\\''" : std::string(1, each);
  return result + "'";
}

std::string last_word(const std::string& name) { return name.substr(name.rfind(' ') + 1); }
/// "lab list" of "zctrace lab list"; empty for the program.
std::string below_program(const std::string& name) {
  const size_t blank = name.find(' ');
  return blank == name.npos ? "" : name.substr(blank + 1);
}

std::vector<OptionText> all_options(const CommandText& command) {
  std::vector<OptionText> options = command.options;
  options.insert(options.end(), command.one_of.begin(), command.one_of.end());
  return options;
}

std::vector<std::string> command_names(const CommandText& command) {
  std::vector<std::string> names;
  for (const CommandText& each : command.commands) names.push_back(last_word(each.name));
  return names;
}

void for_each_command(const CommandText& command, const std::function<void(const CommandText&)>& act) {
  act(command);
  for (const CommandText& each : command.commands) for_each_command(each, act);
}

bool runs_a_command(const CommandText& command) { return command.usage.ends_with("-- COMMAND..."); }

/// What may stand where no option does: its words, or files where there are none.
std::vector<std::string> operand_words(const CommandText& command) {
  if (!command.commands.empty()) return command_names(command);
  return command.operands.empty() ? std::vector<std::string>{} : command.operands[0].choices;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

}  // namespace

std::string bash_completion(const CommandText& program) {
  std::string values, options, operands, commands;
  for_each_command(program, [&](const CommandText& command) {
    const std::string name = below_program(command.name);
    if (!name.empty()) commands += (commands.empty() ? "" : "|") + quoted(name);
    std::string all;
    for (const OptionText& option : all_options(command)) {
      all += joined(option.names) + " ";
      if (option.value.empty()) continue;
      std::string patterns;
      for (const std::string& each : option.names)
        patterns += (patterns.empty() ? "" : "|") + quoted(name + " " + each);
      const std::string known = option.choices.empty() ? "-f" : "-W " + quoted(joined(option.choices));
      values += fmt::format("    {}) COMPREPLY=($(compgen {} -- \"$cur\")); return ;;\n", patterns, known);
    }
    options += fmt::format("    {}) options={} ;;\n", quoted(name), quoted(all));
    if (const auto words = operand_words(command); !words.empty())
      operands += fmt::format("    {}) operands={} ;;\n", quoted(name), quoted(joined(words)));
  });
  return fmt::format(
      R"(# Completion for bash: source <(zctrace completion bash)
_zctrace() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} command='' options='' operands='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    if [[ $word == -- ]]; then _command_offset $((i + 1)) 2>/dev/null || COMPREPLY=($(compgen -c -f -- "$cur")); return; fi
    case "${{command:+$command }}$word" in
    {}) command="${{command:+$command }}$word" ;;
    esac
  done
  case "$command $prev" in
{}  esac
  case "$command" in
{}  esac
  case "$command" in
{}  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ $operands ]]; then
    COMPREPLY=($(compgen -W "$operands" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}}
complete -o filenames -F _zctrace zctrace
)",
      commands, values, options, operands);
}

std::string zsh_completion(const CommandText& program) {
  // In a description of _arguments a bracket or a colon would end it.
  const auto description = [](std::string_view text) {
    std::string plain;
    for (const char each : text.substr(0, text.find(". ")))
      plain += each == '[' || each == ']' || each == ':' ? ' ' : each;
    return plain;
  };
  const auto action = [](const std::vector<std::string>& choices) {
    return choices.empty() ? std::string("_files") : "(" + joined(choices) + ")";
  };
  std::string functions;
  for_each_command(program, [&](const CommandText& command) {
    std::string specs;
    for (const OptionText& option : all_options(command))
      for (const std::string& name : option.names) {
        const std::string value = option.value.empty() ? "" : ":" + option.value + ":" + action(option.choices);
        specs += " \\\n    " + quoted("*" + name + "[" + description(option.help) + "]" + value);
      }
    if (!command.commands.empty()) {
      specs +=
          " \\\n    " + quoted("1:command:(" + joined(command_names(command)) + ")") + " \\\n    '*::argument:->rest'";
    } else if (runs_a_command(command)) {
      specs += " \\\n    '*::command:_normal'";
    } else if (!command.operands.empty()) {
      specs += " \\\n    " + quoted("*:" + command.operands[0].names[0] + ":" + action(command.operands[0].choices));
    }
    std::string name = command.name, dispatch;
    for (char& each : name)
      if (each == ' ') each = '_';
    for (const std::string& each : command_names(command))
      dispatch += fmt::format("    {}) _{}_{} ;;\n", each, name, each);
    if (!dispatch.empty()) dispatch = "  [[ $state == rest ]] && case $words[1] in\n" + dispatch + "  esac\n";
    functions += fmt::format("_{}() {{\n  local state line\n  _arguments -C{}\n{}}}\n", name, specs, dispatch);
  });
  return "#compdef zctrace\n# Completion for zsh: zctrace completion zsh > a folder of $fpath, as _zctrace\n" +
         functions + "_zctrace \"$@\"\n";
}

std::string fish_completion(const CommandText& program) {
  std::string text = "# Completion for fish: zctrace completion fish > ~/.config/fish/completions/zctrace.fish\n";
  const std::string all = joined(command_names(program));
  for_each_command(program, [&](const CommandText& command) {
    std::string seen;
    if (const std::string path = below_program(command.name); path.empty()) {
      seen = "not __fish_seen_subcommand_from " + all;
    } else {
      const size_t blank = path.find(' ');
      seen = "__fish_seen_subcommand_from " + path.substr(0, blank);
      if (blank != path.npos) seen += "; and __fish_seen_subcommand_from " + path.substr(blank + 1);
    }
    const std::string begin = "complete -c zctrace -n " + quoted(seen);
    for (const CommandText& each : command.commands)
      text += begin + " -f -a " + last_word(each.name) + " -d " + quoted(each.summary) + "\n";
    if (const auto words = operand_words(command); command.commands.empty() && !words.empty())
      text += begin + " -f -a " + quoted(joined(words)) + "\n";
    for (const OptionText& option : all_options(command)) {
      text += begin;
      for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.value.empty()) text += option.choices.empty() ? " -r" : " -x -a " + quoted(joined(option.choices));
      text += " -d " + quoted(option.help.substr(0, option.help.find(". "))) + "\n";
    }
    if (runs_a_command(command)) text += begin + " -a '(__fish_complete_subcommand)'\n";
  });
  return text;
}

}  // namespace zctrace::commands
