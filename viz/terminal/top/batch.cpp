#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "model/summary/sentences.h"
#include "model/timeline/names.h"
#include "viz/terminal/top/flow_cell.h"
#include "viz/terminal/top/view.h"

namespace zctrace::terminal {

namespace {

std::string copies_of(const timeline::Motion& motion, const timeline::TraceFacts& facts) {
  const auto ratio = motion.copies_per_byte();
  if (motion.bytes == 0) return "-";
  if (!ratio || facts.evidence.copies == timeline::Evidence::none) return "?";
  return summary::mark(std::max(facts.evidence.copies, motion.copies)) + fmt::format("{:.3f}", *ratio);
}

std::string line(const std::string& time, const timeline::Motion& now, const timeline::Motion& all,
                 const timeline::TraceFacts& facts, std::string_view method, const std::string& what) {
  return fmt::format("{:>9} {:>12.0f} {:>15} {:>9.0f} {:>11.0f} {:>8}  {:<15}  {}", time, now.bytes_per_s(), all.bytes,
                     now.calls_per_s(), now.mode_switches_per_s(), copies_of(now.bytes == 0 ? all : now, facts), method,
                     what);
}

}  // namespace

std::string batch_head() {
  return fmt::format("{:>9} {:>12} {:>15} {:>9} {:>11} {:>8}  {:<15}  {}", "SECONDS", "BYTES/S", "BYTES", "CALLS/S",
                     "SWITCHES/S", "COPIES/B", "METHOD", "FROM -> TO");
}

std::vector<std::string> batch_lines(const timeline::Rates& rates, const View& view) {
  const auto time = fmt::format("{:.3f}", static_cast<double>(rates.at_ns()) / 1e9);
  std::vector<std::string> lines{line(time, rates.now(), rates.all(), view.facts, "-", "all")};
  for (const auto& rate : rates.list()) {
    if (rate.now.bytes == 0 && rate.now.calls == 0) continue;
    const auto method =
        std::string(timeline::text(timeline::total(rate.flow).method)) + (is_mixed(rate.flow) ? "+" : "");
    const auto name = [](const timeline::FlowEnd& end) { return fit(end_text(end, Language::english), 4096); };
    lines.push_back(
        line(time, rate.now, rate.all, view.facts, method, name(rate.flow.from) + " -> " + name(rate.flow.to)));
  }
  return lines;
}

}  // namespace zctrace::terminal
