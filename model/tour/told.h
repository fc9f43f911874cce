#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/tour/values.h"

namespace zctrace::tour {

struct ToldFigure {
  std::string label;
  TourMeasured measured;
};

struct ToldChoice {
  std::string text;
  bool measured = false;  ///< it is what was measured
};

struct ToldTable {
  std::vector<std::string> columns;
  struct Row {
    std::string title;
    std::vector<TourMeasured> cells;
  };
  std::vector<Row> rows;
};

/// A step with what was measured, in one language.
struct ToldStep {
  std::vector<ToldChoice> choices;
  std::optional<TourMeasured> answer;  ///< nothing where there is no question
  std::string no_answer;               ///< why the measurement gives none; empty where it does
  std::vector<ToldFigure> figures;
  std::optional<ToldTable> table;
  std::vector<std::string> why;  ///< paragraphs
};

ToldStep tell(const TourStep& step, const TourDocuments& documents, Language language);

}  // namespace zctrace::tour
