#include "userspace/lab/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/error.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

namespace {

/// An environment variable that is an absolute path, as the XDG rules demand; else an empty path.
fs::path absolute_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value && value[0] == '/' ? fs::path(value) : fs::path();
}

}  // namespace

fs::path cache_folder() {
  // Root does not write where another user could plant links, as sudo -E would have it.
  const auto ours = [](const fs::path& folder) {
    struct stat facts;
    return geteuid() != 0 || stat(folder.c_str(), &facts) != 0 || facts.st_uid == 0;
  };
  if (fs::path base = absolute_from("XDG_CACHE_HOME"); !base.empty() && ours(base)) return base / "zctrace";
  if (fs::path home = absolute_from("HOME"); !home.empty() && ours(home)) return home / ".cache/zctrace";
  if (const passwd* user = getpwuid(geteuid()); user && user->pw_dir && user->pw_dir[0] == '/')
    return fs::path(user->pw_dir) / ".cache/zctrace";
  throw Error(ExitStatus::failed, "no directory for the lab's kernels: this user has no home directory",
              "set XDG_CACHE_HOME to a writable directory");
}

void make_writable(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK | X_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (error)
    throw Error(ExitStatus::failed, fmt::format("cannot write {}: {}", folder.string(), error.message()),
                "set XDG_CACHE_HOME to a writable directory");
}

FileLock::FileLock(const fs::path& file, const std::function<void()>& waiting)
    : fd_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (!fd_)
    throw Error(ExitStatus::failed, fmt::format("cannot open {}: {}", file.string(), std::strerror(errno)),
                "set XDG_CACHE_HOME to a writable directory");
  while (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw Error(ExitStatus::failed, fmt::format("cannot lock {}: {}", file.string(), std::strerror(errno)));
    if (waiting) waiting();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace zctrace::lab
