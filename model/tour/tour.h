#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules/paragraph.h"

/// The guided tour as data (tour.json): what it tells and asks, and where in the measurements the answers are looked
/// up. No answer is in it.
namespace zctrace::tour {

/// A transfer that the tour needs measured.
struct TourRun {
  std::string name;  ///< an Experiment's: "sendfile_sg_off"
  Words title;
};

/// A value to look up in a run.
struct TourValue {
  std::string name;    ///< in the step's rules: {copies}, {copies.how}, {copies.claim}
  std::string run;     ///< a TourRun's
  std::string figure;  ///< its id among the run's figures, or kLargestCopy
  std::string plus;    ///< a second figure, added to it; may be empty
  std::string per;     ///< a figure that the value is divided by; may be empty
  std::string
      claim;  ///< the textbooks' figure to hold it against: "cpu_copies", "mode_switches", "dma_copies", or empty
  Words label;
};

/// Instead of a figure: between which two places the CPU copied most.
inline constexpr std::string_view kLargestCopy = "largest_cpu_copy";
/// The answer to kLargestCopy where the CPU copied (nearly) nothing.
inline constexpr std::string_view kNoCopy = "none";

struct TourChoice {
  rules::Condition is;  ///< what holds where it is the answer; for kLargestCopy an edge's id, or kNoCopy
  Words text;
};

/// What is to be predicted: with choices, or a number where there are none.
struct TourQuestion {
  std::string value;  ///< a TourValue's name
  Words text;
  std::vector<TourChoice> choices;
};

/// Runs beside each other: a row for each, its values in columns.
struct TourTable {
  std::vector<std::string> runs;
  std::vector<TourValue> columns;  ///< without a run
};

struct TourStep {
  std::string id;
  Words title, story;
  std::optional<TourQuestion> question;
  std::vector<TourValue> values;
  std::string picture;               ///< the run whose flow is shown; may be empty
  bool pipe = false;                 ///< there is one in the flow
  std::vector<std::string> figures;  ///< the values to point at
  std::optional<TourTable> table;
  std::vector<rules::Paragraph> why;

  const TourValue& value(std::string_view name) const;
  /// The runs it looks into, each once.
  std::vector<std::string> runs() const;
};

struct Tour {
  std::vector<TourRun> runs;  ///< in the order in which the steps need them
  std::vector<TourStep> steps;

  const TourRun& run(std::string_view name) const;
};

const Tour& built_in();

}  // namespace zctrace::tour
