#include "model/rules/value.h"

#include <algorithm>
#include <cmath>

namespace zctrace::rules {

Value unknown(Words why) {
  Value value;
  value.evidence = timeline::Evidence::none;
  value.missing = std::move(why);
  return value;
}

Value difference(const Value& a, const Value& b) {
  if (!a.number) return a;
  if (!b.number) return b;
  Value made = a;
  made.number = *a.number - *b.number;
  made.text = both(Text::claims_difference, a.text, b.text, fmt::format("{:.2f}", *made.number));
  made.evidence = std::max(a.evidence, b.evidence);
  made.proofs.insert(made.proofs.end(), b.proofs.begin(), b.proofs.end());
  return made;
}

double tolerance(double claimed) { return 0.1 * std::max(1.0, std::abs(claimed)); }

bool contradicts(double measured, double claimed) { return std::abs(measured - claimed) > tolerance(claimed); }

}  // namespace zctrace::rules
