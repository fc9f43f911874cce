#include "base/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <utility>

namespace zctrace {
namespace {

struct Range {
  char32_t first, last;
};

// Turn the reading direction, and with it the picture: as bad as a control character.
constexpr std::array<Range, 3> kUnsafe{{{0x80, 0x9f}, {0x202a, 0x202e}, {0x2066, 0x2069}}};

constexpr std::array<std::pair<std::u32string_view, char>, 14> kAscii{{{U"┃━┏┓┗┛╻╹", '#'},
                                                                       {U"│║", '|'},
                                                                       {U"╎", ':'},
                                                                       {U"─╌…", '-'},
                                                                       {U"═", '='},
                                                                       {U"╭╮╰╯╔╗╚╝", '+'},
                                                                       {U"▲", '^'},
                                                                       {U"▼", 'v'},
                                                                       {U"▶→≥", '>'},
                                                                       {U"◀≤", '<'},
                                                                       {U"×", 'x'},
                                                                       {U"┄", '.'},
                                                                       {U"·", '-'},
                                                                       {U"µ", 'u'}}};

template <size_t Count>
bool within(const std::array<Range, Count>& ranges, char32_t character) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& range) { return character >= range.first && character <= range.last; });
}

/// The character at `text`'s beginning, taken off it; '?' and one byte where it is none.
char32_t take(std::string_view& text) {
  utf8proc_int32_t code = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code);
  const bool good = length > 0;
  const auto character = static_cast<char32_t>(code);
  text.remove_prefix(good ? static_cast<size_t>(length) : 1);
  if (!good || character < 0x20 || character == 0x7f || within(kUnsafe, character)) return U'?';
  return character;
}

std::string encoded(std::u32string_view text) {
  std::string bytes;
  for (auto character : text) bytes += utf8(character);
  return bytes;
}

int columns_of(std::u32string_view text) {
  int sum = 0;
  for (auto character : text) sum += columns(character);
  return sum;
}

/// How many characters of `text` fit into `width` columns.
size_t fitting(std::u32string_view text, int width) {
  size_t count = 0;
  for (int used = 0; count < text.size() && (used += columns(text[count])) <= width;) ++count;
  return count;
}

/// May a line end before character `i` of `text`?
bool may_break(std::u32string_view text, size_t i) {
  constexpr std::u32string_view kClosing = U"，。；：、？！）》”", kOpening = U"（《“";
  if (text[i] == U' ') return true;
  if (text[i - 1] == U' ') return false;  // the line ends before the blank
  if (kClosing.find(text[i]) != text.npos || kOpening.find(text[i - 1]) != text.npos) return false;
  return columns(text[i]) == 2 || columns(text[i - 1]) == 2;
}

}  // namespace

std::u32string characters(std::string_view text) {
  std::u32string all;
  while (!text.empty()) all += take(text);
  return all;
}

std::string utf8(char32_t character) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes);
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(length)};
}

int columns(char32_t character) { return utf8proc_charwidth(static_cast<utf8proc_int32_t>(character)); }

int columns(std::string_view text) { return columns_of(characters(text)); }

std::string fit(std::string_view text, int width) {
  const auto all = characters(text);
  if (columns_of(all) <= width) return encoded(all);
  return width <= 0 ? "" : encoded(std::u32string_view(all).substr(0, fitting(all, width - 1))) + "…";
}

std::string shorten(std::string_view text, int width) {
  const auto all = characters(text);
  if (columns_of(all) <= width || width <= 0) return fit(text, width);
  const std::u32string_view whole = all;
  const auto name = whole.substr(std::min(whole.rfind(U'/'), whole.size()));
  const auto folder = whole.substr(std::min(whole.substr(0, whole.size() - name.size()).rfind(U'/'), whole.size()));
  // The tail: the last name with its folder, the last name, or half of what there is room for.
  int tail = columns_of(folder);
  if (tail == 0 || tail + 1 > width) tail = columns_of(name);
  if (tail == 0 || tail + 1 > width) tail = (width - 1) / 2;
  size_t from = whole.size();
  for (int used = 0; from > 0 && (used += columns(whole[from - 1])) <= tail;) --from;
  return encoded(whole.substr(0, fitting(whole, width - 1 - tail))) + "…" + encoded(whole.substr(from));
}

std::string pad(std::string_view text, int width, bool right) {
  const auto fitted = fit(text, width);
  const std::string blanks(static_cast<size_t>(std::max(0, width - columns(fitted))), ' ');
  return right ? blanks + fitted : fitted + blanks;
}

std::vector<std::string> wrap(std::string_view text, int width) {
  std::vector<std::string> lines;
  const auto all = characters(text);
  for (std::u32string_view rest = all; !rest.empty();) {
    auto count = std::max<size_t>(1, fitting(rest, width));
    if (count < rest.size())
      for (size_t i = count; i > 0; --i)
        if (may_break(rest, i)) {
          count = i;
          break;
        }
    lines.push_back(encoded(rest.substr(0, count)));
    rest.remove_prefix(count);
    while (rest.starts_with(U' ')) rest.remove_prefix(1);
  }
  return lines;
}

char to_ascii(char32_t character) {
  if (character < 0x80) return static_cast<char>(character);
  for (const auto& [all, ascii] : kAscii)
    if (all.find(character) != std::u32string_view::npos) return ascii;
  return '?';
}

}  // namespace zctrace
