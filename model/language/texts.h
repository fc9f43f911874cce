#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "model/language/text.h"

/// The texts with what is filled in.
namespace zctrace {

/// The words with `arguments` filled in; the compiler checks their number.
template <class... Arguments>
std::string say(Language language, TextWith<sizeof...(Arguments)> text, const Arguments&... arguments) {
  return fmt::format(fmt::runtime(words(text.text, language)), arguments...);
}

/// One of two rows, both checked.
template <class... Arguments>
std::string say_either(Language language, bool first, TextWith<sizeof...(Arguments)> one,
                       TextWith<sizeof...(Arguments)> other, const Arguments&... arguments) {
  return say(language, first ? one : other, arguments...);
}

/// For a row that is only known at run time. Throws std::logic_error where it takes another number of arguments.
template <class... Arguments>
std::string say_chosen(Language language, Text text, const Arguments&... arguments) {
  if (arguments_of(text) != sizeof...(Arguments)) throw std::logic_error(std::string(name(text)) + ": arguments");
  return fmt::format(fmt::runtime(words(text, language)), arguments...);
}

/// "1 request", "1,024 requests": `one` has no {}, `many` has one for the count.
std::string say_count(Language language, uint64_t count, TextWith<0> one, TextWith<1> many);

}  // namespace zctrace
