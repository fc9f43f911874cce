#include "workloads/methods/kernel_tls.h"

#include "workloads/net/tls_record.h"

namespace zctrace::workloads {

const KernelNeed kernel_tls{
    .what = "TLS 1.3, module tls",
    .since = "5.1",
    .missing = []() -> std::optional<Missing> {
      const std::string why = no_kernel_tls();
      if (why.empty()) return {};
      return Missing{why, "sudo modprobe tls, or run it in the lab: --kernel 6.12"};
    },
};

}  // namespace zctrace::workloads
