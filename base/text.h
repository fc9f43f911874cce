#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Text measured in terminal columns, not in bytes.
namespace zctrace {

/// The characters of UTF-8 text; control characters and damaged bytes become '?', so that a file's name cannot steer
/// the terminal.
std::u32string characters(std::string_view text);
std::string utf8(char32_t character);

/// Columns that a character takes, by Unicode's East Asian Width: 2 for Chinese and emoji, 0 for combining marks,
/// else 1.
int columns(char32_t character);
int columns(std::string_view text);

/// `text` in at most `width` columns, cut with "…" where it is longer.
std::string fit(std::string_view text, int width);

/// `text` in at most `width` columns, with "…" in its middle where it is longer; of a path the last name is kept, with
/// its folder where there is room.
std::string shorten(std::string_view text, int width);

/// `text` cut or padded with blanks to exactly `width` columns; `right`: blanks before it.
std::string pad(std::string_view text, int width, bool right = false);

/// Lines of at most `width` columns, broken between words, and in Chinese anywhere but before a closing mark or after
/// an opening one; a longer word is broken anywhere.
std::vector<std::string> wrap(std::string_view text, int width);

/// The nearest ASCII of one of the characters we draw with, as wide as it; '?' for any other.
char to_ascii(char32_t character);

}  // namespace zctrace
