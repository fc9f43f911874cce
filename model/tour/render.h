#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/tour/values.h"

namespace zctrace::tour {

struct RenderedFigure {
  std::string label;
  rules::Value value;
};

struct RenderedChoice {
  std::string text;
  bool measured = false;  ///< it is what was measured
};

struct RenderedTable {
  std::vector<std::string> columns;
  struct Row {
    std::string title;
    std::vector<rules::Value> cells;
  };
  std::vector<Row> rows;
};

/// A step with what was measured, in one language.
struct RenderedStep {
  std::vector<RenderedChoice> choices;
  std::optional<rules::Value> answer;  ///< nothing where there is no question
  std::string no_answer;               ///< why the measurement gives none; empty where it does
  std::vector<RenderedFigure> figures;
  std::optional<RenderedTable> table;
  std::vector<std::string> why;  ///< paragraphs
};

RenderedStep render(const TourStep& step, const TourDocuments& documents, Language language);

}  // namespace zctrace::tour
