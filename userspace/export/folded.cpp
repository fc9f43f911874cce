#include "userspace/export/folded.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "model/summary/copy_stacks.h"
#include "model/timeline/names.h"
#include "userspace/export/output_buffer.h"

namespace zctrace::exports {
namespace {

using namespace timeline;

/// As a frame: a semicolon would part it, a line break end it.
std::string frame_of(std::string name) {
  std::ranges::replace_if(
      name, [](char c) { return c == ';' || static_cast<unsigned char>(c) < ' '; }, '_');
  return name;
}

class FoldedExporter : public Exporter {
 public:
  explicit FoldedExporter(Output output) : out_(std::move(output)) {}

  void add(const Recording& document, const std::string& file) override {
    const Ledger& ledger = document.ledger;
    if (ledger.copy_stacks && ledger.flows)
      copies(summary::flame_stacks(*ledger.copy_stacks, *ledger.flows));
    else if (ledger.cpu_cost)
      samples(frame_of(document.run.method), ledger.cpu_cost);
    else
      throw Error(ExitStatus::failed, file + ": holds no stacks",
                  "record those of copies: zctrace exec --stacks -o FILE.json -- COMMAND; or of the CPU: zctrace run "
                  "METHOD --cpu -o FILE.json");
  }

  void finish() override { out_.flush(); }

 private:
  void copies(const summary::FlameStacks& flame) {
    for (const auto& stack : flame.stacks) {
      std::string_view before;
      for (const uint32_t frame : stack.frames) {
        const auto& [name, kernel, work] = flame.names[frame];
        out_ << before << frame_of(name) << (kernel ? "_[k]" : "");
        before = ";";
      }
      out_ << fmt::format(" {}\n", stack.bytes);
    }
    if (flame.unknown_bytes) out_ << fmt::format("[stack not known] {}\n", flame.unknown_bytes);
  }

  void samples(const std::string& method, const std::optional<CpuCost>& cost) {
    for (const auto& stack : cost->stacks) {
      out_ << method << ";" << text(stack.side);
      for (const uint32_t frame : stack.frames) {
        const auto& routine = cost->routines[frame];
        out_ << ";" << frame_of(routine.name) << (routine.name.starts_with('[') ? "" : "_[k]");
      }
      out_ << fmt::format(" {}\n", stack.samples);
    }
    for (const Side side : {Side::sender, Side::receiver})
      if (const uint64_t cut = cost->cut_samples[static_cast<size_t>(side)])
        out_ << method << ";" << text(side) << fmt::format(";[rare stacks, not kept] {}\n", cut);
  }

  OutputBuffer out_;
};

}  // namespace

std::unique_ptr<Exporter> folded(Output output) { return std::make_unique<FoldedExporter>(std::move(output)); }

}  // namespace zctrace::exports
