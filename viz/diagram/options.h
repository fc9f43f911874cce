#pragma once

#include <cstdint>

#include "model/language/language.h"

namespace zctrace::diagram {

enum class Theme : uint8_t {
  light,
  dark,
  automatic,  ///< as the viewer prefers; light for viewers that know no media queries
  page,       ///< as the page around it has it: [data-theme] on its root
};

/// How wide: for a slide or a screen (960 px), for a phone (390 px).
enum class Form : uint8_t { wide, narrow };

struct Options {
  Language language = Language::english;
  Theme theme = Theme::automatic;
  Form form = Form::wide;
};

inline double width_of(Form form) { return form == Form::wide ? 960 : 390; }

}  // namespace zctrace::diagram
