#include <memory>

#include "base/command_line.h"
#include "userspace/capture/capabilities.h"
#include "userspace/capture/kernel_symbols.h"
#include "userspace/capture/session.h"
#include "userspace/commands/commands.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/record/capture_mode.h"

namespace zctrace::commands {

/// `zctrace preload [--programs [--stacks]]`, in a guest before it is kept: what run (or exec) will find loaded.
void add_preload(Command& program) {
  struct Asked {
    capture::CopyMode copies = capture::CopyMode::exact;
    bool programs = false, stacks = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command = program.subcommand("preload", "Load the BPF programs and pin them.");
  command.hidden();
  command.choice("--copies", asked->copies, copy_modes(), "Of this mode.");
  command.flag("--programs", asked->programs, "For programs that are followed.");
  command.flag("--stacks", asked->stacks, "With the stacks of copies.");
  command.on_call([asked] {
    const auto& [symbols, features, kernel] = capture::running_kernel();
    capture::Options options;
    options.programs = asked->programs;
    options.stacks = asked->stacks;
    options.mode = record::best_mode(asked->copies, kernel);
    capture::Session::preload(options, features);
    capture::KernelSymbols::keep();
  });
}

}  // namespace zctrace::commands
