#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace zctrace::lab {

/// Where what is made from a kernel in order to boot it is kept.
std::filesystem::path boot_folder(const std::string& release);

/// A file made from other things, kept in the boot folder under the hash of all it depends on. When it is not there
/// yet, `write` makes it at the path it is given, which becomes the file once it is whole; older ones with the same
/// extension go. Throws Error.
std::filesystem::path kept_file(const std::string& release, const std::string& depends_on, const std::string& extension,
                                const std::function<void(const std::filesystem::path&)>& write);

/// Where kept_file() keeps it, or would.
std::filesystem::path kept_path(const std::string& release, const std::string& depends_on,
                                const std::string& extension);

/// What tells a file from a later one at the same path, for `depends_on`.
std::string identity(const std::filesystem::path& file);

/// A whole file. Throws Error.
std::string read_file(const std::filesystem::path& path);

}  // namespace zctrace::lab
