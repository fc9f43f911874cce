#include "userspace/commands/support/trace_options.h"

namespace zctrace::commands {

const std::vector<std::pair<std::string, capture::CopyMode>>& copy_modes() {
  static const std::vector<std::pair<std::string, capture::CopyMode>> modes{{"exact", capture::CopyMode::exact},
                                                                            {"fast", capture::CopyMode::fast}};
  return modes;
}

void add_trace_options(Command& command, record::TraceOptions& options) {
  command.choice("--copies", options.copies, copy_modes(),
                 "fast (default): ftrace; exact: breakpoints too, checked against it");
  command.option("--ring-bytes", options.ring_bytes).hidden();
}

void add_detail_option(Command& command, record::TraceOptions& options) {
  command.option("--detail", options.detail, "keep single events of the first 2s, of first:10000, of all, of none")
      .shows_default();
}

}  // namespace zctrace::commands
