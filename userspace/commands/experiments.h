#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "userspace/commands/progress.h"
#include "userspace/documents/experiments.h"

namespace zctrace::commands {

using ExperimentList = std::vector<const documents::Experiment*>;

/// Does the experiments one after the other, on a lab kernel in one guest or, where `kernel` is empty, here. Each
/// leaves FOLDER/NAME.json as soon as it is whole: a timeline document, or what its program found; one that cannot be
/// done here leaves {"schema": "zctrace.experiment/1", "experiment": NAME, "failed": why}. Makes the folder. Throws
/// Error; what was measured until then is there.
void measure(const std::string& kernel, const ExperimentList& wanted, const std::filesystem::path& folder,
             Progress& progress);

/// `zctrace measure NAME... [--kernel K]`, for another zctrace, outside the guest or beside this one: prints the
/// documents, one for each name in their order, and its progress in lines.
void add_measure(CLI::App& app);

}  // namespace zctrace::commands
