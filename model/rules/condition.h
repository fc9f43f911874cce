#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/rules/value.h"

namespace zctrace::rules {

/// How a value must stand to what is right of it. Quartiles, where a value has them, must lie above or below as a
/// whole.
enum class Relation {
  is,       ///< within the tolerance; or of the same id, or of one of several
  is_not,   ///< beyond it
  less,     ///< smaller beyond it
  more,     ///< larger beyond it
  exactly,  ///< without tolerance, as the next three
  below,
  above,   //
  within,  ///< of two numbers, both included
  agrees   ///< with what the textbooks say: true or false
};

/// A named value, or what else is known of it: {name}, {name.how}, {name.claim} in a text.
struct Reference {
  enum class Part { value, how, claim };
  std::string name;
  Part part = Part::value;
};

struct Range {
  double low = 0, high = 0;
};

struct Condition {
  std::string left;   ///< a value's name
  std::string minus;  ///< another's, which is taken off; empty: none
  Relation relation = Relation::is;
  /// A number, a Range (`within`), another value, an id, several ids, or true and false (`agrees`).
  std::variant<double, Range, Reference, std::string, std::vector<std::string>, bool> right;
};

/// The text without its braces: "copies.claim". Throws std::invalid_argument for another ending than .how and .claim.
Reference reference_of(std::string_view text);

/// What stands left of the relation.
Value left_of(const Condition& condition, const LookUp& look_up);

/// Nothing where a value that it needs is not known. `left`: left_of(), where the caller has it.
std::optional<bool> holds(const Condition& condition, const Value& left, const LookUp& look_up);
std::optional<bool> holds(const Condition& condition, const LookUp& look_up);

}  // namespace zctrace::rules
