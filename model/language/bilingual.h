#pragma once

#include <string>
#include <vector>

#include "model/language/texts.h"

namespace zctrace {

/// A text in both languages.
struct Words {
  std::string english, chinese;
  const std::string& in(Language language) const { return language == Language::chinese ? chinese : english; }
  bool empty() const { return english.empty(); }
};

/// The same in both languages.
inline Words plain(std::string text) { return {text, text}; }

/// What stands for an argument in one language: for Words, theirs.
inline const std::string& argument_in(Language language, const Words& words) { return words.in(language); }
template <class Argument>
const Argument& argument_in(Language, const Argument& argument) {
  return argument;
}

/// A text of the table in both languages, its arguments filled in.
template <class... Arguments>
Words both(TextWith<sizeof...(Arguments)> text, const Arguments&... arguments) {
  return {say(Language::english, text, argument_in(Language::english, arguments)...),
          say(Language::chinese, text, argument_in(Language::chinese, arguments)...)};
}

/// One of two rows, both checked.
template <class... Arguments>
Words both_either(bool first, TextWith<sizeof...(Arguments)> one, TextWith<sizeof...(Arguments)> other,
                  const Arguments&... arguments) {
  return both(first ? one : other, arguments...);
}

/// Joins the parts of a text with a separator; empty ones and repetitions are left out.
Words join(const std::vector<Words>& parts, const Words& separator);

}  // namespace zctrace
