#pragma once

namespace zctrace {

/// Writes what standard output still holds. Why that fails is kept: calls that follow would make one forget.
void flush_standard_output();

/// The same, and whether all of it was written: 0, else why not (errno).
int standard_output_error();

}  // namespace zctrace
