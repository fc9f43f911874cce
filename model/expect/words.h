#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/quantities/amount.h"

/// The quantities that an expectation may name: those of the two tables (quantities.h, flow_quantities.h), and some
/// that are no figures.
namespace zctrace::expect {

/// How its value is written.
enum class Kind {
  number,
  method,    ///< of a flow one of its methods, of a run the built-in one
  evidence,  ///< how well the copies are known: "exact", "at_least", ...
  link,      ///< how it is known that what went out is what came in
  count,     ///< how many flows are meant
};

struct Word {
  std::string_view id;
  Kind kind = Kind::number;
  quantities::Unit unit = quantities::Unit::count;  ///< of a number
};

/// By its id or its short name ("copies"); null: there is none.
const Word* find_word(std::string_view name, bool of_flow);

/// All names, for whoever mistyped one.
std::vector<std::string> known_words(bool of_flow);

/// What a word of that kind may be compared with; empty: anything.
std::vector<std::string> known_values(Kind kind, bool of_flow);

}  // namespace zctrace::expect
