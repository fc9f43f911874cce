#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/claims/experiments.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

/// Does the experiments one after the other, on a lab kernel in one guest or, where `kernel` is empty, here. Each
/// leaves FOLDER/NAME.json as soon as it is whole: a timeline document, or what its program found; one that cannot be
/// done here leaves {"schema": "zctrace.experiment/1", "experiment": NAME, "failed": why}. Makes the folder. Throws
/// Error; what was measured until then is there.
void measure(const std::string& kernel, const claims::ExperimentList& wanted, const std::filesystem::path& folder,
             terminal::Progress& progress);

/// Does them and prints their documents, in their order, for another zctrace outside the guest or beside this one; its
/// progress in lines, the documents as a stream (document_stream.h). Throws Error.
void print_experiments(const std::string& kernel, const claims::ExperimentList& wanted);

}  // namespace zctrace::commands
