#include "model/quantities/amount.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "model/language/texts.h"

namespace zctrace::quantities {

using timeline::Evidence;

Amount counted(uint64_t count, Evidence evidence) {
  if (evidence == Evidence::none) return {};
  return {static_cast<double>(count), count, evidence};
}

Amount computed(std::optional<double> number, Evidence evidence) {
  if (!number || evidence == Evidence::none) return {};
  return {number, 0, evidence};
}

Amount sum(const Amount& a, const Amount& b) {
  if (!a.number || !b.number) return {};
  return {*a.number + *b.number, a.count + b.count, std::max(a.evidence, b.evidence)};
}

std::string mark(Evidence evidence) {
  return evidence == Evidence::exact ? "" : evidence == Evidence::at_least ? "≥ " : "~";
}

std::string shown(const Amount& amount, Unit unit, Language language) {
  if (!amount.number) return std::string(words(Text::unknown, language));
  constexpr double kMost = 1e19;  // what format_bytes takes
  const auto known = mark(amount.evidence);
  switch (unit) {
    case Unit::count:
      return known + format_count(amount.count);
    case Unit::bytes:
      return known + format_bytes(amount.count);
    case Unit::ratio:
      return known + format_ratio(*amount.number);
    case Unit::ns:
      return known + format_ns(amount.count);
    case Unit::bytes_per_second:
      return known + format_bytes(static_cast<uint64_t>(std::min(*amount.number, kMost))) + "/s";
    case Unit::part:
      return known + fmt::format("{:.{}f}%", *amount.number * 100, *amount.number < 0.0995 ? 1 : 0);
  }
  return {};
}

constexpr double kNoneToSpeakOf = 0.005;

bool is_zero_copy(double copies_per_byte) { return copies_per_byte < kNoneToSpeakOf; }

bool is_untouched(double copies_per_byte, double transforms_per_byte) {
  return is_zero_copy(copies_per_byte) && transforms_per_byte < kNoneToSpeakOf;
}

}  // namespace zctrace::quantities
