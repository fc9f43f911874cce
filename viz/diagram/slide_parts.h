#pragma once

#include <string>
#include <string_view>

#include "model/summary/comparison_facts.h"
#include "viz/diagram/svg.h"

/// What all slides have.
namespace zctrace::diagram::slide_parts {

inline constexpr double kHeight = 720, kSlideMargin = 48, kRight = 1280 - kSlideMargin;
inline constexpr double kTop = 132;  ///< below the title
inline constexpr Font kText{24}, kBold{24, true}, kSmall{20}, kSmallBold{20, true};

/// Smaller where it is wider than `most` px; cut where it is still too wide at `least` px.
void shrunk(Svg& svg, double x, double y, std::string_view text, std::string_view classes, Font font, double most,
            double least, Anchor anchor = Anchor::start);

void title(Svg& svg, std::string_view text, std::string_view below);

/// What the textbooks say of a figure: "textbooks: 4", warning where it was measured otherwise; else empty.
std::string claim_text(const summary::Bar& bar, Language language);
std::string_view claim_class(const summary::Bar& bar);

}  // namespace zctrace::diagram::slide_parts
