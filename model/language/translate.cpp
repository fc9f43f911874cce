#include "model/language/translate.h"

#include <optional>
#include <vector>

#include "model/language/texts.h"

namespace zctrace {
namespace {

constexpr Text kMessages[] = {
#define ZC_TEXT(name, english, chinese) Text::name,
#include "model/language/texts/messages.def"
#undef ZC_TEXT
};

constexpr std::string_view kHole = "{}";

/// What lies between the holes: one piece more than there are holes.
std::vector<std::string_view> pieces_of(std::string_view pattern) {
  std::vector<std::string_view> pieces;
  for (size_t hole; (hole = pattern.find(kHole)) != pattern.npos; pattern.remove_prefix(hole + kHole.size()))
    pieces.push_back(pattern.substr(0, hole));
  pieces.push_back(pattern);
  return pieces;
}

/// What `text` holds at the pattern's holes; nothing where it is not of that pattern. Every piece is taken where it
/// comes first and never given back, so a long text costs no more than its length.
std::optional<std::vector<std::string_view>> holes_in(std::string_view text, std::string_view pattern) {
  const auto pieces = pieces_of(pattern);
  if (!text.starts_with(pieces.front())) return {};
  text.remove_prefix(pieces.front().size());
  std::vector<std::string_view> holes;
  for (size_t i = 1; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    if (last && !text.ends_with(pieces[i])) return {};
    const size_t end = last ? text.size() - pieces[i].size() : text.find(pieces[i]);
    if (end == text.npos) return {};
    holes.push_back(text.substr(0, end));
    text.remove_prefix(end + pieces[i].size());
  }
  if (!text.empty()) return {};
  return holes;
}

/// A row's words for one of its own, such as the reason in a note.
std::string_view whole(std::string_view english, Language language) {
  for (const Text text : kMessages)
    if (words(text, Language::english) == english) return words(text, language);
  return english;
}

}  // namespace

std::string translate(std::string_view english, Language language) {
  if (language == Language::english) return std::string(english);
  for (const Text text : kMessages) {
    const auto holes = holes_in(english, words(text, Language::english));
    if (!holes) continue;
    const auto pieces = pieces_of(words(text, language));
    std::string said(pieces.front());
    for (size_t i = 0; i < holes->size(); ++i) {
      said += whole((*holes)[i], language);
      said += pieces.at(i + 1);
    }
    return said;
  }
  return std::string(english);
}

}  // namespace zctrace
