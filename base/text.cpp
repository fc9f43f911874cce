#include "base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace zctrace {
namespace {

struct Range {
  char32_t first, last;
};

// Wide in every terminal: East Asian scripts, full-width forms, pictographs.
constexpr std::array<Range, 7> kWide{{{0x1100, 0x115f},
                                      {0x2e80, 0xa4cf},
                                      {0xac00, 0xd7a3},
                                      {0xf900, 0xfaff},
                                      {0xfe30, 0xfe6f},
                                      {0xff00, 0xff60},
                                      {0x1f300, 0x3fffd}}};
constexpr std::array<Range, 4> kCombining{{{0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}}};
// Turn the reading direction, and with it the picture: as bad as a control character.
constexpr std::array<Range, 3> kUnsafe{{{0x80, 0x9f}, {0x202a, 0x202e}, {0x2066, 0x2069}}};

constexpr std::array<std::pair<std::u32string_view, char>, 13> kAscii{{{U"┃━┏┓┗┛╻╹", '#'},
                                                                       {U"│║", '|'},
                                                                       {U"╎", ':'},
                                                                       {U"─╌…", '-'},
                                                                       {U"═", '='},
                                                                       {U"╭╮╰╯╔╗╚╝", '+'},
                                                                       {U"▲", '^'},
                                                                       {U"▼", 'v'},
                                                                       {U"▶→", '>'},
                                                                       {U"◀", '<'},
                                                                       {U"×", 'x'},
                                                                       {U"┄", '.'},
                                                                       {U"·", '-'}}};

template <size_t Count>
bool within(const std::array<Range, Count>& ranges, char32_t character) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& range) { return character >= range.first && character <= range.last; });
}

/// The character at `text`'s beginning, taken off it; '?' and one byte where it is none.
char32_t take(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  char32_t character = length <= 1 ? lead : lead & (0xffu >> (length + 1));
  bool good = length > 0 && length <= text.size();
  for (size_t i = 1; good && i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    good = (next & 0xc0) == 0x80;
    character = character << 6 | (next & 0x3f);
  }
  text.remove_prefix(good ? length : 1);
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

std::string utf8(char32_t c) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f))};
  if (c < 0x10000) return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
}

int columns(char32_t character) { return within(kCombining, character) ? 0 : within(kWide, character) ? 2 : 1; }

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
  const auto slash = whole.rfind(U'/');
  const auto name = slash == whole.npos ? std::u32string_view() : whole.substr(slash);
  // The tail: the last name, or half of what there is room for.
  int tail = columns_of(name);
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
