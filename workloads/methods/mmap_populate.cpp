#include <sys/mman.h>

#include "workloads/methods/mapped_write.h"

namespace zctrace::workloads {
namespace {

const Registration mmap_populate_registration({
    .name = "mmap_populate",
    .summary = "as mmap_write, with every page mapped in advance: no page faults",
    .calls = "mmap (MAP_POPULATE), write, munmap",
    .order = 25,
    .sinks = 1,
    .prepare = [](const Job& job) { return make_mapped_write(job, MAP_POPULATE); },
});

}  // namespace
}  // namespace zctrace::workloads
