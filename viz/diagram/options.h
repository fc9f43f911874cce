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

/// For a screen (960 px wide), for a phone (390 px), for a slide (16:9, large figures and few words).
enum class Form : uint8_t { wide, narrow, slide };

struct Options {
  Language language = Language::english;
  Theme theme = Theme::automatic;
  Form form = Form::wide;
};

inline double width_of(Form form) { return form == Form::wide ? 960 : form == Form::narrow ? 390 : 1280; }

}  // namespace zctrace::diagram
