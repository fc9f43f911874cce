#include <fmt/format.h>

#include "userspace/export/sentences.h"
#include "userspace/export/text.h"
#include "userspace/live/flow_cell.h"
#include "userspace/live/view.h"
#include "userspace/timeline/names.h"

namespace zctrace::live {

namespace {

std::string copies_of(const Motion& motion, const TraceFacts& facts) {
  const auto ratio = motion.copies_per_byte();
  if (motion.bytes == 0) return "-";
  if (!ratio || facts.copies == timeline::Evidence::none) return "?";
  return exports::mark(facts.copies) + fmt::format("{:.3f}", *ratio);
}

std::string line(const std::string& time, const Motion& now, const Motion& all, const TraceFacts& facts,
                 std::string_view method, const std::string& what) {
  return fmt::format("{:>9} {:>12.0f} {:>15} {:>9.0f} {:>11.0f} {:>8}  {:<15}  {}", time, now.bytes_per_s(), all.bytes,
                     now.calls_per_s(), now.mode_switches_per_s(), copies_of(now.bytes == 0 ? all : now, facts), method,
                     what);
}

}  // namespace

std::string batch_head() {
  return fmt::format("{:>9} {:>12} {:>15} {:>9} {:>11} {:>8}  {:<15}  {}", "SECONDS", "BYTES/S", "BYTES", "CALLS/S",
                     "SWITCHES/S", "COPIES/B", "METHOD", "FROM -> TO");
}

std::vector<std::string> batch_lines(const Rates& rates, const View& view) {
  const auto time = fmt::format("{:.3f}", static_cast<double>(rates.at_ns()) / 1e9);
  std::vector<std::string> lines{line(time, rates.now(), rates.all(), view.facts, "-", "all")};
  for (const auto& rate : rates.list()) {
    if (rate.now.bytes == 0 && rate.now.calls == 0) continue;
    const auto method =
        std::string(timeline::text(timeline::total(rate.flow).method)) + (is_mixed(rate.flow) ? "+" : "");
    const auto name = [](const timeline::FlowEnd& end) { return exports::fit(end_text(end, Language::english), 4096); };
    lines.push_back(
        line(time, rate.now, rate.all, view.facts, method, name(rate.flow.from) + " -> " + name(rate.flow.to)));
  }
  return lines;
}

}  // namespace zctrace::live
