#include "base/note.h"

#include <utility>

namespace zctrace {

std::string line_of(const Note& note) {
  std::string line = note.text + "\t" + note.id;
  for (const std::string& argument : note.arguments) line += "\t" + argument;
  return line;
}

Note note_of(std::string_view line) {
  std::vector<std::string> parts;
  for (size_t tab; (tab = line.find('\t')) != line.npos; line.remove_prefix(tab + 1))
    parts.emplace_back(line.substr(0, tab));
  parts.emplace_back(line);
  Note note;
  note.text = std::move(parts[0]);
  if (parts.size() > 1) note.id = std::move(parts[1]);
  for (size_t i = 2; i < parts.size(); ++i) note.arguments.push_back(std::move(parts[i]));
  return note;
}

}  // namespace zctrace
