#include "userspace/commands/support/trace_options.h"

namespace zctrace::commands {

const std::vector<std::pair<std::string, capture::CopyMode>>& copy_modes() {
  static const std::vector<std::pair<std::string, capture::CopyMode>> modes{{"exact", capture::CopyMode::exact},
                                                                            {"fast", capture::CopyMode::fast}};
  return modes;
}

void add_trace_options(Command& command, record::TraceOptions& options) {
  command
      .choice("--copies", options.copies, copy_modes(),
              "Count copies by ftrace alone (fast), or by breakpoints as well, cross-checked (exact).")
      .value_name("MODE");
  command.option("--ring-bytes", options.ring_bytes).hidden();
}

void add_stacks_option(Command& command, record::TraceOptions& options) {
  command.flag("--stacks", options.stacks,
               "Keep which code copies: the program's and the kernel's stack of each copy.");
}

void add_detail_option(Command& command, record::TraceOptions& options) {
  command
      .option("--detail", options.detail,
              "Keep individual events of the first 2s, of first:10000, all or none; totals always cover everything.")
      .value_name("WINDOW")
      .shows_default();
}

}  // namespace zctrace::commands
