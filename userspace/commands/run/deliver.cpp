#include "userspace/commands/run/deliver.h"

#include <cstdio>
#include <filesystem>

#include "viz/terminal/terminal.h"

namespace zctrace::commands {

std::string output_path(const RunOptions& options, const std::string& method) {
  if (options.output.empty() || options.methods.size() == 1) return options.output;
  return (std::filesystem::path(options.output) / (method + ".json")).string();
}

void show(const RunOptions& options, const timeline::Run& run, const timeline::Ledger& ledger) {
  if (options.json) return;
  terminal::print_run(run, ledger, stdout, terminal::style_of(stdout));
  if (options.methods.size() > 1) std::fputc('\n', stdout);
  std::fflush(stdout);
}

}  // namespace zctrace::commands
