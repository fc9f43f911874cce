#include "viz/diagram/slide_parts.h"

#include "model/language/texts.h"

namespace zctrace::diagram::slide_parts {

namespace {

constexpr double kUsual = 0.92;  // a machine without the usual fonts has wider ones
constexpr Font kLeast{18};
constexpr double kRoom = (kRight - kSlideMargin) * kUsual;

}  // namespace

void shrunk(Svg& svg, double x, double y, std::string_view text, std::string_view classes, Font font, double most,
            double least, Anchor anchor) {
  most *= kUsual;
  while (font.size > least && text_width(text, font) > most) font.size -= 1;
  svg.text(x, y, fit(text, most, font), classes, font, anchor);
}

void title(Svg& svg, std::string_view text, std::string_view below) {
  shrunk(svg, kSlideMargin, 72, text, "ink", {44, true}, kRight - kSlideMargin, 24);
  // What stands last matters least, and half a word teaches nothing.
  constexpr std::string_view kBetween = " · ";
  for (auto at = below.rfind(kBetween); at != below.npos && text_width(below, kLeast) > kRoom;
       at = below.rfind(kBetween))
    below = below.substr(0, at);
  shrunk(svg, kSlideMargin, 106, below, "dim", {22}, kRight - kSlideMargin, kLeast.size);
}

std::string claim_text(const summary::Bar& bar, Language language) {
  return bar.claimed ? say(language, Text::claim_says, *bar.claimed) : "";
}

std::string_view claim_class(const summary::Bar& bar) { return bar.contradicted ? "warn" : "dim"; }

}  // namespace zctrace::diagram::slide_parts
