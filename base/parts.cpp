#include "base/parts.h"

#include <fmt/format.h>

#include "base/error.h"

namespace zctrace {

namespace fs = std::filesystem;

fs::path part(const std::string& name) {
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& folder : {own, own.parent_path() / "libexec/zctrace"})
    if (fs::exists(folder / name, error)) return folder / name;
  throw Error(ExitStatus::failed, fmt::format("{} is missing beside {}", name, own.string()),
              "build or install zctrace anew: cmake --build DIR, cmake --install DIR");
}

}  // namespace zctrace
