#pragma once

#include "userspace/export/exporter.h"

namespace zctrace::exports {

/// The ledgers as one table: a row per figure, the run repeated in each, RFC 4180 with a header.
std::unique_ptr<Exporter> csv(Output output);

}  // namespace zctrace::exports
