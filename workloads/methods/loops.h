#pragma once

#include <memory>

#include "workloads/run/registry.h"

/// Methods whose loop is that of others too, which send on sockets that are not plain ones.
namespace zctrace::workloads {

std::unique_ptr<Prepared> make_read_write(const Job& job);
std::unique_ptr<Prepared> make_sendfile(const Job& job);

}  // namespace zctrace::workloads
