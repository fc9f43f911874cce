#include "userspace/export/folded.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "model/timeline/names.h"
#include "userspace/export/output_buffer.h"

namespace zctrace::exports {
namespace {

using namespace timeline;

/// As a frame: a semicolon would part it, a line break end it.
std::string frame_of(std::string name) {
  std::ranges::replace_if(name, [](char c) { return c == ';' || static_cast<unsigned char>(c) < ' '; }, '_');
  return name;
}

class FoldedExporter : public Exporter {
 public:
  explicit FoldedExporter(Output output) : out_(std::move(output)) {}

  void add(Document& document, const std::string& file) override {
    const auto& cost = document.ledger.cpu_cost;
    if (!cost)
      throw Error(ExitStatus::failed, file + ": holds no samples of the CPU",
                  "record them: zctrace run METHOD --cpu -o FILE.json");
    const std::string method = frame_of(document.run.method);
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

  void finish() override { out_.flush(); }

 private:
  OutputBuffer out_;
};

}  // namespace

std::unique_ptr<Exporter> folded(Output output) { return std::make_unique<FoldedExporter>(std::move(output)); }

}  // namespace zctrace::exports
