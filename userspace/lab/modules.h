#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zctrace::lab {

/// A module's name from its file: no folder, no .ko or .ko.xz, and '_' for '-', which the kernel does not tell apart.
std::string module_name(std::string_view file);

/// The files that load the wanted modules, each after those it needs, from the text of modules.dep (paths as they stand
/// there). What modules.dep does not know is built in, or is not needed by this kernel, and is left out.
std::vector<std::string> load_order(std::string_view modules_dep, const std::vector<std::string_view>& wanted);

}  // namespace zctrace::lab
