#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "model/language/language.h"

namespace zctrace::terminal {

/// How a terminal is to be written to.
struct Style {
  bool colour = false;
  bool unicode = true;
  Language language = Language::english;
  int width = 80;  ///< columns; below 60 the diagram is left out
  int rows = 0;    ///< of the terminal; 0: none, or it does not say
};

/// Colours by meaning. Each is legible on dark and on light, and tells apart from the others for the colour-blind.
enum class Ink : uint8_t { plain, strong, dim, cpu, dma, reference, transform, good, warn };

/// What suits `stream`: colour on a terminal or with CLICOLOR_FORCE, unless NO_COLOR is set, Unicode in a UTF-8 locale or where --lang asked
/// for Chinese; the chosen language, English where its characters cannot be shown.
Style style_of(std::FILE* stream);

/// `text` in that ink, and in ASCII where the style asks for it; its control characters become '?'.
std::string paint(std::string_view text, Ink ink, const Style& style);

}  // namespace zctrace::terminal
