#pragma once

#include "workloads/experiments/experiment.h"

/// Where an experiment ran.
namespace zctrace::workloads {

/// "lab" is where the lab has left its mark, /run/zctrace/lab.
bool in_lab();

/// {"release", "where": "lab"|"host", "arch"}
Json kernel_facts();

/// {"count", "model", "emulated"}
Json cpu_facts();

}  // namespace zctrace::workloads
