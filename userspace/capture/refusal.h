#pragma once

#include <string>

namespace zctrace::capture {

/// From now on libbpf's first warning is kept: it explains a refused load better than errno does. Earlier ones are forgotten.
void keep_warnings();

/// Throws Error: what could not be done, why (errno, libbpf's warning), and what cures it.
[[noreturn]] void refuse(const std::string& what, int error);

}  // namespace zctrace::capture
