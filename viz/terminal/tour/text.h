#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/tour/render.h"
#include "viz/terminal/style.h"

/// The tour's parts as lines for a terminal, each at most style.width columns wide; none of them pauses or asks.
namespace zctrace::terminal {

using Lines = std::vector<std::string>;

/// What was predicted: the index of a choice, or a number where there are none.
using Prediction = std::optional<double>;

/// Is it what was measured?
bool is_right(const tour::RenderedStep& rendered, double prediction);

Lines heading_lines(size_t number, const Style& style);  ///< of step `number`, from 0
Lines story_lines(const tour::TourStep& step, const Style& style);
/// The boxes of what is to be measured, and every way there is between them with a "?"; nothing where the step asks
/// nothing, or shows no picture.
Lines asked_lines(const tour::TourStep& step, const Style& style);
/// With the choices, lettered from a; nothing where the step asks nothing.
Lines question_lines(const tour::TourStep& step, const Style& style);
/// What was measured, predicted, and what the textbooks say; or why there is no answer.
Lines answer_lines(const tour::RenderedStep& rendered, Prediction prediction, const Style& style);
/// How it can be measured again, and the picture.
Lines picture_lines(const tour::TourStep& step, const tour::TourDocuments& documents, const Style& style);
/// The figures to look at, and the table.
Lines figure_lines(const tour::RenderedStep& rendered, const Style& style);
Lines why_lines(const tour::TourStep& step, const tour::RenderedStep& rendered, const Style& style);
/// After the last step.
Lines farewell_lines(size_t right, size_t asked, const Style& style);

/// `text`, indented by one, in lines.
Lines paragraph_lines(std::string_view text, Ink ink, const Style& style);

}  // namespace zctrace::terminal
