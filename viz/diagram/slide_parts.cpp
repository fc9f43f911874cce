#include "viz/diagram/slide_parts.h"

#include "model/language/texts.h"

namespace zctrace::diagram::slide_parts {

void shrunk(Svg& svg, double x, double y, std::string_view text, std::string_view classes, Font font, double most,
            double least, Anchor anchor) {
  // A machine without the usual fonts has wider ones.
  most *= 0.92;
  while (font.size > least && text_width(text, font) > most) font.size -= 1;
  svg.text(x, y, fit(text, most, font), classes, font, anchor);
}

void title(Svg& svg, std::string_view text, std::string_view below) {
  shrunk(svg, kSlideMargin, 72, text, "ink", {44, true}, kRight - kSlideMargin, 30);
  shrunk(svg, kSlideMargin, 106, below, "dim", {22}, kRight - kSlideMargin, 18);
}

std::string claim_text(const summary::Bar& bar, Language language) {
  return bar.claimed ? say(language, Text::claim_says, *bar.claimed) : "";
}

std::string_view claim_class(const summary::Bar& bar) { return bar.contradicted ? "warn" : "dim"; }

}  // namespace zctrace::diagram::slide_parts
