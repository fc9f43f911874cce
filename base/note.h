#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zctrace {

/// What a child process did otherwise than asked, told in a line of its standard error: in English, and by a name and
/// arguments for a parent that says it in another language.
struct Note {
  std::string text, id;
  std::vector<std::string> arguments;
};

/// Its parts with tabs between them; a part must hold none.
std::string line_of(const Note& note);
/// A line without a tab is text alone.
Note note_of(std::string_view line);

}  // namespace zctrace
