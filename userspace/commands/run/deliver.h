#pragma once

#include <string>

#include "model/timeline/model.h"
#include "userspace/commands/run/options.h"

namespace zctrace::commands {

/// Where the document of `method` goes: -o itself, or METHOD.json in it where several methods run; empty for nowhere.
std::string output_path(const RunOptions& options, const std::string& method);

/// The picture on standard output, unless --json asked for the document there.
void show(const RunOptions& options, const timeline::Run& run, const timeline::Ledger& ledger);

}  // namespace zctrace::commands
