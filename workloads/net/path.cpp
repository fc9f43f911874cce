#include "workloads/net/path.h"

#include <fmt/core.h>

#include "base/error.h"

namespace zctrace::workloads {
namespace {

/// Where there is neither device nor namespace.
class WithinTheMachine : public Path {
 public:
  explicit WithinTheMachine(const std::string& kind) { facts_.kind = kind; }
};

}  // namespace

bool is_network(const std::string& kind) { return kind != "file" && kind != "pipe"; }

void check_offload(const std::string& kind, const OffloadWish& wish) {
  if (is_network(kind) || !wish.any()) return;
  throw Error(ExitStatus::usage, fmt::format("--offload switches a network device, and --path {} has none", kind),
              "use --path loopback, veth or nic");
}

std::unique_ptr<Path> make_path(const std::string& kind, const OffloadWish& wish) {
  if (kind == "loopback") return make_loopback(wish);
  if (kind == "veth") return make_veth(wish);
  if (kind == "nic") return make_nic(wish);
  if (is_network(kind)) {
    throw Error(ExitStatus::usage, fmt::format("there is no path '{}'", kind),
                "use --path loopback, veth, nic, file or pipe");
  }
  check_offload(kind, wish);
  return std::make_unique<WithinTheMachine>(kind);
}

}  // namespace zctrace::workloads
