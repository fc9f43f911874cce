#include <memory>
#include <string>
#include <vector>

#include "base/command_line.h"
#include "base/error.h"
#include "model/claims/experiments.h"
#include "userspace/commands/commands.h"
#include "userspace/commands/support/choose_kernel.h"
#include "userspace/commands/support/experiments.h"

namespace zctrace::commands {

/// `zctrace measure NAME... [--kernel K]`, for another zctrace, outside the guest or beside this one.
void add_measure(Command& program) {
  struct Asked {
    std::vector<std::string> names;
    std::string kernel = "host";
  };
  auto asked = std::make_shared<Asked>();
  Command command = program.subcommand("measure", "Print the documents of experiments.");
  command.hidden();
  command.option("NAME", asked->names).required();
  command.option("--kernel", asked->kernel);
  command.on_call([asked] {
    claims::ExperimentList wanted;
    for (const std::string& name : asked->names) {
      wanted.push_back(claims::find_experiment(name));
      if (!wanted.back()) throw Error(ExitStatus::usage, "unknown experiment '" + name + "'", "zctrace claims --help");
    }
    print_experiments(choose_kernel(asked->kernel, capture::CopyMode::exact, false, true), wanted);
  });
}

}  // namespace zctrace::commands
