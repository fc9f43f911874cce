#include "workloads/methods/mapped_write.h"

namespace zctrace::workloads {
namespace {

const Registration mmap_write_registration({
    .name = "mmap_write",
    .summary = "map the file into memory, write the mapping to the socket",
    .calls = "mmap, write, munmap",
    .order = 20,
    .sinks = 1,
    .prepare = [](const Job& job) { return make_mapped_write(job, 0); },
});

}  // namespace
}  // namespace zctrace::workloads
