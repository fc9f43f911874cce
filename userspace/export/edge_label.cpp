#include "userspace/export/edge_label.h"

#include <fmt/format.h>

#include <algorithm>

#include "userspace/export/text.h"
#include "userspace/export/verdict.h"
#include "userspace/units.h"

namespace zctrace::exports {

using namespace timeline;

namespace {

Evidence worst(const Edge& edge) {
  Evidence evidence = Evidence::exact;
  for (const auto& copy : edge.copies) evidence = std::max(evidence, copy.evidence);
  return evidence;
}

bool doubtful(const Run& run, const Edge& edge) {
  return std::any_of(edge.copies.begin(), edge.copies.end(),
                     [&](const Copy& copy) { return exports::doubtful(run, copy); });
}

}  // namespace

bool doubtful(const Run& run, const Copy& copy) {
  return run.evidence.copies_unknown && copy.side == Side::sender && copy.by == Mover::reference &&
         copy.evidence != Evidence::exact;
}

Line line_of(Mover by) {
  switch (by) {
    case Mover::cpu:
      return {"┃", "━", Ink::cpu};
    case Mover::dma:
      return {"║", "═", Ink::dma};
    case Mover::reference:
      return {"╎", "╌", Ink::reference};
  }
  return {};
}

std::string amount(const Edge& edge) { return mark(worst(edge)) + format_bytes(edge.bytes); }

std::string Label::how(int most) const {
  const auto name = fit(function, most - columns(calls) - 1);
  return name.empty() || calls.empty() ? name + calls : name + " " + calls;
}

Line line_of(const Run& run, const Edge& edge) {
  auto line = line_of(edge.by);
  if (doubtful(run, edge)) line.ink = Ink::warn;
  return line;
}

Label label(const Run& run, const Edge& edge) {
  if (doubtful(run, edge)) return {amount(edge) + " passed on", "copied or not: unknown", ""};
  Label label;
  const bool mapped = edge.from == End::page_cache && edge.to == End::user_buffer;
  switch (edge.by) {
    case Mover::cpu:
      label.amount = "CPU copy " + amount(edge);
      break;
    case Mover::dma:
      label.amount = "DMA " + amount(edge);
      break;
    case Mover::reference:
      label.amount = mapped ? "mapped, not copied" : amount(edge) + " by reference";
      break;
  }
  const auto& first = edge.copies.front().function;
  const bool alone =
      std::all_of(edge.copies.begin(), edge.copies.end(), [&](const Copy& copy) { return copy.function == first; });
  label.function = alone ? first : "several functions";
  if (edge.calls > 0) label.calls = "×" + format_count(edge.calls);
  return label;
}

std::string context_text(const Edge& edge) {
  uint64_t softirq = 0;
  for (const auto& copy : edge.copies)
    if (copy.context == Context::softirq) softirq += copy.bytes;
  if (softirq == 0) return "in the system call";
  if (softirq == edge.bytes) return "in softirq";
  return fmt::format("{:.0f}% in softirq", 100.0 * static_cast<double>(softirq) / static_cast<double>(edge.bytes));
}

}  // namespace zctrace::exports
