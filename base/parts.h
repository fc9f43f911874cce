#pragma once

#include <filesystem>
#include <string>

/// zctrace is several programs and files: together in a build's folder, or installed: zctrace in bin/, the others in
/// libexec/zctrace/ beside bin/.
namespace zctrace {

/// Where the running program's part of that name is. Throws Error where it is missing.
std::filesystem::path part(const std::string& name);

}  // namespace zctrace
