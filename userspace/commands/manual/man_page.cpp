#include "userspace/commands/manual/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <vector>

#include "base/text.h"
#include "userspace/commands/manual/topic.h"

namespace zctrace::commands {

namespace {

/// troff's own characters as what they look like, all beyond ASCII by their numbers, which every troff reads.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char32_t each : characters(text)) {
    if (each == '\\')
      escaped += "\\e";
    else if (each == '-')
      escaped += "\\-";
    else if (each < 0x80)
      escaped += static_cast<char>(each);
    else
      escaped += fmt::format("\\[u{:04X}]", static_cast<uint32_t>(each));
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

std::string capitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char each) { return std::toupper(each); });
  return text;
}

/// Lines as they stand: none of them is a request of troff's.
std::string verbatim(const std::string& code) {
  std::string text;
  std::istringstream lines(code);
  for (std::string line; std::getline(lines, line);) text += escape(line) + "\n";
  return ".PP\n.RS 4\n.nf\n" + text + ".fi\n.RE\n";
}

std::string topic_page(const Topic& topic, const std::string& version) {
  const std::string name = "zctrace-" + topic.name;
  std::string text = fmt::format(".TH \"{}\" 7 \"\" \"{}\" \"zctrace\"\n", escape(name), escape(version));
  for (const Block& block : blocks_of(topic.text)) {
    switch (block.kind) {
      case Block::heading:
        if (block.level == 1)
          text += ".SH NAME\n" + escape(name) + " \\- " + escape(block.text) + "\n.SH DESCRIPTION\n";
        else
          text += (block.level == 2 ? ".SH " : ".SS ") + escape(block.level == 2 ? capitals(block.text) : block.text) + "\n";
        break;
      case Block::paragraph:
        text += ".PP\n" + escape(block.text) + "\n";
        break;
      case Block::item:
        text += ".IP \\(bu 2\n" + escape(block.text) + "\n";
        break;
      case Block::code:
        text += verbatim(block.text);
        break;
      case Block::row:
        text += ".TP\n" + escape(block.cells.front()) + "\n";
        for (const std::string& line : row_lines(block)) text += escape(line) + "\n.br\n";
        break;
    }
  }
  return text + section("SEE ALSO", "\\fBzctrace\\fR(1)\n");
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
  for (const Topic& topic : topics()) pages["zctrace-" + topic.name + ".7"] = topic_page(topic, version);
  return pages;
}

}  // namespace zctrace::commands
