#include "workloads/path.h"

#include <fmt/core.h>

#include "userspace/error.h"

namespace zctrace::workloads {

std::unique_ptr<Path> make_path(const std::string& kind, const OffloadWish& wish) {
  if (kind == "loopback") return make_loopback(wish);
  if (kind == "veth") return make_veth(wish);
  if (kind == "nic") return make_nic(wish);
  throw Error(ExitStatus::usage, fmt::format("there is no path '{}'", kind), "--path loopback, veth or nic");
}

}  // namespace zctrace::workloads
