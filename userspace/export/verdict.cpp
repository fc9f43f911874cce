#include "userspace/export/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "userspace/documents/method_claims.h"
#include "userspace/export/text.h"
#include "userspace/timeline/ledger.h"
#include "userspace/units.h"

namespace zctrace::exports {
namespace {

using namespace timeline;

std::string title(const Run& run) {
  if (run.method.empty() || run.method == "exec" || run.method == "attach")
    return run.command.empty() ? "program" : fmt::format("{}", fmt::join(run.command, " "));
  return documents::method_title(run.method);
}

std::string offloads(const Path& path) {
  const auto state = [](bool on) { return on ? "on" : "off"; };
  return fmt::format("scatter-gather {}, checksum {}, TSO {}", state(path.scatter_gather), state(path.tx_checksum),
                     state(path.tso));
}

/// "4 MiB in 64 KiB chunks, cold cache · Linux 6.12.107 in the lab · eth0 (vmxnet3): scatter-gather on, ..."
std::string setting(const Run& run) {
  std::string text = run.size == 0 ? "" : format_size(run.size);
  if (!text.empty() && run.chunk != 0) text += fmt::format(" in {} chunks", format_size(run.chunk));
  if (!run.cache.empty()) text += fmt::format("{}{} cache", text.empty() ? "" : ", ", run.cache);
  if (!run.kernel.release.empty())
    text += fmt::format("{}Linux {}{}", text.empty() ? "" : " · ", run.kernel.release,
                        run.kernel.where == "lab" ? " in the lab" : "");
  return text;
}

std::string network(const Run& run) {
  const auto& path = run.path;
  if (path.device.empty()) return path.kind;
  const auto what = path.driver.empty() || path.driver == path.device ? path.kind : path.driver;
  return fmt::format("{} ({}): {}", path.device, what, offloads(path));
}

}  // namespace

std::string mark(Evidence evidence) { return evidence == Evidence::exact ? "" : "~"; }

std::vector<std::string> verdict(const Run& run, const Ledger& ledger, const Style& style) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view text, Ink ink) {
    for (const auto& line : wrap(text, style.width - 2)) lines.push_back(" " + paint(line, ink, style));
  };
  const auto ratio = cpu_copies_per_byte(run, ledger, Side::sender);
  const auto evidence = run.evidence.copies;
  const auto figure = ratio ? mark(evidence) + format_ratio(*ratio) : "unknown";
  const Ink ink = !ratio ? Ink::warn : *ratio < 0.005 ? Ink::good : Ink::cpu;
  const std::string_view what = style.width < 60 ? " CPU copies per byte" : " CPU copies per byte on the sending side";
  const auto name = fit(title(run), style.width - 2 - columns(figure) - 2 - columns(what));
  lines.push_back(" " + paint(name + ": ", Ink::strong, style) + paint(figure, ink, style) + paint(what, ink, style));

  if (const auto* claim = documents::claim_for(run.method, run.path.scatter_gather)) {
    const auto which = !claim->scatter_gather ? "" : *claim->scatter_gather ? " (SG-DMA)" : " (no SG-DMA)";
    add(fmt::format("documents{}: {}", which, documents::figures_text(*claim, style.unicode)), Ink::plain);
  }
  add(setting(run), Ink::dim);
  add(network(run), Ink::dim);
  if (!run.complete) add("interrupted: the figures cover what happened until then", Ink::warn);
  return lines;
}

}  // namespace zctrace::exports
