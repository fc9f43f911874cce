#include "workloads/methods/kernel_tls.h"
#include "workloads/methods/loops.h"
#include "workloads/net/tls_record.h"

namespace zctrace::workloads {
namespace {

std::unique_ptr<Prepared> prepare(const Job& job) {
  start_kernel_tls(job.sinks[0]);
  return make_sendfile(job);
}

const Registration ktls_sendfile_registration({
    .name = "ktls_sendfile",
    .summary = "sendfile into a socket with kernel TLS: the kernel encrypts the file's pages",
    .calls = "sendfile",
    .order = 87,
    .sinks = 1,
    .prepare = prepare,
    .need = &kernel_tls,
    .paths = to_network,
    .seal = Seal::by_kernel,
});

}  // namespace
}  // namespace zctrace::workloads
