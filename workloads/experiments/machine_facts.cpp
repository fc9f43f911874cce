#include "workloads/experiments/machine_facts.h"

#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

namespace zctrace::workloads {

bool in_lab() { return access("/run/zctrace/lab", F_OK) == 0; }

Json kernel_facts() {
  utsname names{};
  uname(&names);
  return {{"release", names.release}, {"where", in_lab() ? "lab" : "host"}, {"arch", names.machine}};
}

Json cpu_facts() {
  std::string model;
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; model.empty() && std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) model = line.substr(colon + 2);
  }
  // The lab is always an emulation; QEMU's own processors name it.
  const bool emulated = in_lab() || model.starts_with("QEMU");
  return {{"count", sysconf(_SC_NPROCESSORS_ONLN)}, {"model", model}, {"emulated", emulated}};
}

}  // namespace zctrace::workloads
