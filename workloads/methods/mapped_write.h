#pragma once

#include <memory>

#include "workloads/run/registry.h"

/// Mapping the file and writing the mapping, which mmap_write and mmap_populate share.
namespace zctrace::workloads {

/// `flags`: of mmap, besides MAP_SHARED. The mapping is part of what the method costs, so the transfer makes it and
/// removes it.
std::unique_ptr<Prepared> make_mapped_write(const Job& job, int flags);

}  // namespace zctrace::workloads
