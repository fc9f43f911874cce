#include "userspace/lab/boot_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "userspace/lab/cache.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

fs::path boot_folder(const std::string& release) { return cache_folder() / "boot" / release; }

fs::path kept_path(const std::string& release, const std::string& depends_on, const std::string& extension) {
  return boot_folder(release) / fmt::format("{:016x}{}", std::hash<std::string>()(depends_on), extension);
}

fs::path kept_file(const std::string& release, const std::string& depends_on, const std::string& extension,
                   const std::function<void(const fs::path&)>& write) {
  const fs::path folder = boot_folder(release);
  const fs::path path = kept_path(release, depends_on, extension);
  if (fs::exists(path)) return path;

  make_writable(folder);
  const FileLock lock(folder / "lock");
  if (fs::exists(path)) return path;
  // Not the young ones: another build of zctrace may be about to boot from them.
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == extension && entry.last_write_time() < yesterday) fs::remove(entry.path());
  const fs::path partial = folder / "partial";
  try {
    write(partial);
    fs::rename(partial, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw;
  }
  return path;
}

std::string identity(const fs::path& file) {
  std::error_code ignored;
  struct stat now {};
  stat(file.c_str(), &now);
  return fmt::format("{} {} {}.{}\n", fs::weakly_canonical(file, ignored).string(), now.st_size, now.st_mtim.tv_sec,
                     now.st_mtim.tv_nsec);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw Error(ExitStatus::failed, fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  return content;
}

}  // namespace zctrace::lab
