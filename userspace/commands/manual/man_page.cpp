#include "userspace/commands/manual/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace zctrace::commands {

namespace {

/// troff's own characters as what they look like.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char each : text) {
    if (each == '\\')
      escaped += "\\e";
    else if (each == '-')
      escaped += "\\-";
    else
      escaped += each;
  }
  return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

std::string dashed(std::string name) {
  std::ranges::replace(name, ' ', '-');
  return name;
}

/// "run \fB\-o\fR, \fB\-\-output\fR \fIFILE\fR"
std::string term(const OptionText& option) {
  if (option.operand) return "\\fI" + escape(option.names[0]) + "\\fR" + (option.many ? "..." : "");
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "\\fB" : ", \\fB") + escape(name) + "\\fR";
  return option.value.empty() ? text : text + " \\fI" + escape(option.value) + "\\fR";
}

std::string rows(const std::vector<OptionText>& options) {
  std::string text;
  for (const OptionText& option : options) text += ".TP\n" + term(option) + "\n" + escape(option.help) + "\n";
  return text;
}

std::string section(const char* title, const std::string& text) {
  return text.empty() ? "" : std::string(".SH ") + title + "\n" + text;
}

/// The footer of --help: paragraphs, and under "Examples:" lines that are indented.
std::string paragraphs(const std::string& footer, bool examples) {
  std::string text;
  std::istringstream lines(footer);
  bool in_examples = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "Examples:") {
      in_examples = true;
      continue;
    }
    if (in_examples != examples || line.empty()) continue;
    text += examples ? escape(line.substr(line.find_first_not_of(' '))) + "\n" : ".PP\n" + escape(line) + "\n";
  }
  return text.empty() || !examples ? text : ".nf\n" + text + ".fi\n";
}

std::string page(const CommandText& command, const std::vector<std::string>& others, const std::string& version) {
  const std::string name = dashed(command.name);
  std::string summary = command.summary;
  if (summary.ends_with('.')) summary.pop_back();
  std::string text = fmt::format(".TH \"{}\" 1 \"\" \"{}\" \"User Commands\"\n", escape(name), escape(version));
  text += section("NAME", escape(name) + " \\- " + escape(summary) + "\n");
  text += section("SYNOPSIS", "\\fB" + escape(command.name) + "\\fR " + escape(command.usage) + "\n");
  text += section("DESCRIPTION", escape(command.summary) + "\n" + paragraphs(command.footer, false));
  text += section("OPERANDS", rows(command.operands));
  text += section("OPTIONS",
                  rows(command.options) + (command.one_of.empty() ? "" : ".PP\nOne of:\n" + rows(command.one_of)));
  std::string commands;
  for (const CommandText& each : command.commands)
    commands += ".TP\n\\fB" + escape(dashed(each.name)) + "\\fR(1)\n" + escape(each.summary) + "\n";
  text += section("COMMANDS", commands);
  text += section("EXAMPLES", paragraphs(command.footer, true));
  std::string see;
  for (const std::string& other : others)
    if (other != name) see += (see.empty() ? "" : ", ") + ("\\fB" + escape(other) + "\\fR(1)");
  return text + section("SEE ALSO", see.empty() ? "" : see + "\n");
}

void collect(const CommandText& command, std::vector<const CommandText*>& found) {
  found.push_back(&command);
  for (const CommandText& each : command.commands) collect(each, found);
}

}  // namespace

std::map<std::string, std::string> man_pages(const CommandText& program, const std::string& version) {
  std::vector<const CommandText*> all;
  collect(program, all);
  std::vector<std::string> names;
  for (const CommandText* each : all) names.push_back(dashed(each->name));
  std::map<std::string, std::string> pages;
  for (const CommandText* each : all) pages[dashed(each->name) + ".1"] = page(*each, names, version);
  return pages;
}

}  // namespace zctrace::commands
