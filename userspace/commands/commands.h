#pragma once

#include <functional>
#include <string>
#include <vector>

#include "userspace/commands/support/claims_request.h"

namespace zctrace {
class Command;
struct CommandText;
}

/// The subcommands, one file each.
namespace zctrace::commands {

/// Those that work on recordings alone: no privileges, no libbpf, any machine.
void add_show(Command& program);
void add_chart(Command& program);
void add_report(Command& program);
void add_export(Command& program);
void add_compare(Command& program);
void add_check(Command& program);

void add_claims(Command& program, const ClaimsResults& results_on);

/// About the program itself. `text`: all that the command line takes, once all is added.
void add_help(Command& program, const std::function<CommandText()>& text);
void add_completion(Command& program, const std::function<CommandText()>& text);
void add_manual(Command& program, const std::function<CommandText()>& text);

/// Those that measure. `traced`: the command to be traced, once the command line is read; may be empty.
void add_list(Command& program);
void add_run(Command& program);
void add_exec(Command& program, const std::vector<std::string>& traced);
void add_attach(Command& program);
void add_top(Command& program, const std::vector<std::string>& traced);
void add_agent(Command& program);
void add_learn(Command& program);
void add_doctor(Command& program);
void add_lab(Command& program);
void add_measure(Command& program);
void add_matrix(Command& program);
void add_cells(Command& program);
void add_preload(Command& program);

}  // namespace zctrace::commands
