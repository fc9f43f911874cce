#pragma once

#include <string>
#include <vector>

namespace zctrace::commands {

/// This zctrace's doctor with these options in a guest with a lab kernel; what it prints there is printed here. Its exit
/// status.
int doctor_in_lab(const std::string& kernel, const std::vector<std::string>& options);

}  // namespace zctrace::commands
