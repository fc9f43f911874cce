#include "model/rules/condition.h"

#include <algorithm>
#include <stdexcept>

namespace zctrace::rules {
namespace {

/// The number to the right of the relation.
std::optional<double> right_of(const Condition& condition, const LookUp& look_up) {
  if (const auto* number = std::get_if<double>(&condition.right)) return *number;
  const auto* reference = std::get_if<Reference>(&condition.right);
  if (!reference) return {};
  const Value value = look_up(reference->name);
  if (reference->part == Reference::Part::claim) return value.claimed;
  return value.number;
}

bool compare(Relation relation, const Value& left, double right) {
  const double number = *left.number;
  const bool same = !contradicts(number, right);
  switch (relation) {
    case Relation::is:
      return same;
    case Relation::is_not:
      return !same;
    case Relation::less:
      return !same && number < right;
    case Relation::more:
      return !same && number > right;
    case Relation::exactly:
      return number == right;
    case Relation::above:
      return (left.spread ? left.spread->first : number) > right;
    case Relation::below:
      return (left.spread ? left.spread->second : number) < right;
    case Relation::within:
    case Relation::agrees:
      break;
  }
  throw std::invalid_argument("a relation without what it needs to its right");
}

}  // namespace

Reference reference_of(std::string_view text) {
  const auto dot = text.rfind('.');
  const std::string name(text.substr(0, dot));
  if (dot == text.npos) return {name};
  const auto part = text.substr(dot + 1);
  if (part == "how") return {name, Reference::Part::how};
  if (part == "claim") return {name, Reference::Part::claim};
  throw std::invalid_argument("a value has no '" + std::string(part) + "'");
}

Value left_of(const Condition& condition, const LookUp& look_up) {
  Value left = look_up(condition.left);
  return condition.minus.empty() ? left : difference(left, look_up(condition.minus));
}

std::optional<bool> holds(const Condition& condition, const Value& left, const LookUp& look_up) {
  if (const auto* wanted = std::get_if<bool>(&condition.right))
    return left.agrees ? std::optional(*left.agrees == *wanted) : std::nullopt;
  if (const auto* id = std::get_if<std::string>(&condition.right))
    return left.id.empty() ? std::nullopt : std::optional((left.id == *id) == (condition.relation == Relation::is));
  if (const auto* ids = std::get_if<std::vector<std::string>>(&condition.right))
    return left.id.empty() ? std::nullopt
                           : std::optional((std::ranges::find(*ids, left.id) != ids->end()) ==
                                           (condition.relation == Relation::is));
  if (!left.number) return {};
  if (const auto* range = std::get_if<Range>(&condition.right))
    return range->low <= *left.number && *left.number <= range->high;
  const auto right = right_of(condition, look_up);
  return right ? std::optional(compare(condition.relation, left, *right)) : std::nullopt;
}

std::optional<bool> holds(const Condition& condition, const LookUp& look_up) {
  return holds(condition, left_of(condition, look_up), look_up);
}

}  // namespace zctrace::rules
