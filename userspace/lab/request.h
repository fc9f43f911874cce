#pragma once

#include <string>
#include <vector>

namespace zctrace::lab {

/// What the guest's first process (init/init.c) is told to run, as it goes over the control port: the length of the
/// rest in decimal and a newline, then fields that each end in a NUL: the number of words, the words, the working
/// folder, the number of variables, the variables ("NAME=VALUE"). Throws Error (usage) when a field holds a NUL.
std::string encode_request(const std::vector<std::string>& command, const std::string& folder,
                           const std::vector<std::string>& environment);

}  // namespace zctrace::lab
