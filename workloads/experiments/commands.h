#pragma once

namespace zctrace {
class Command;
}

namespace zctrace::workloads {

/// `zctrace-workload experiment NAME`, and the programs that experiments start.
void add_experiments(Command& program);

}  // namespace zctrace::workloads
