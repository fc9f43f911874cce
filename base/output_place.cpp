#include "base/output_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"

namespace zctrace {

namespace fs = std::filesystem;

namespace {

/// "/dev/stdout": 1. These names are links to whatever the descriptor is open on.
std::optional<int> descriptor_of(const std::string& path) {
  if (path == "/dev/stdin") return 0;
  if (path == "/dev/stdout") return 1;
  if (path == "/dev/stderr") return 2;
  for (const std::string& folder :
       {std::string("/dev/fd/"), std::string("/proc/self/fd/"), fmt::format("/proc/{}/fd/", getpid())}) {
    if (!path.starts_with(folder)) continue;
    int number = -1;
    const char* end = path.data() + path.size();
    const auto [rest, error] = std::from_chars(path.data() + folder.size(), end, number);
    if (error == std::errc() && rest == end && number >= 0) return number;
  }
  return {};
}

fs::path folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

bool may_write(const fs::path& path, int what = W_OK) {
  return faccessat(AT_FDCWD, path.c_str(), what, AT_EACCESS) == 0;
}

std::optional<unsigned> number_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (!value) return {};
  unsigned number = 0;
  const char* end = value + std::strlen(value);
  const auto [rest, error] = std::from_chars(value, end, number);
  if (error != std::errc() || rest != end || rest == value) return {};
  return number;
}

}  // namespace

OutputPlace place_of(const std::string& path, const std::string& option) {
  const auto fail = [&](const std::string& why) {
    throw Error(ExitStatus::failed, "cannot write " + path + ": " + why, "choose another file with " + option);
  };
  OutputPlace place;
  place.descriptor = descriptor_of(path);
  if (place.descriptor) {
    const int flags = fcntl(*place.descriptor, F_GETFL);
    if (flags < 0) fail("it is closed");
    if ((flags & O_ACCMODE) == O_RDONLY) fail("it is open for reading only");
    place.way = OutputWay::direct;
    return place;
  }
  struct stat name;
  const bool known = lstat(path.c_str(), &name) == 0;
  if (!known && errno != ENOENT) fail(strerror(errno));
  const bool link = known && S_ISLNK(name.st_mode);
  if (!known || (link && stat(path.c_str(), &place.facts) != 0)) {
    if (link && errno != ENOENT) fail(strerror(errno));
    const fs::path folder = link ? fs::weakly_canonical(path).parent_path() : folder_of(path);
    if (!may_write(folder, W_OK | X_OK)) fail(strerror(errno));
    place.way = link ? OutputWay::copied : OutputWay::made;
    return place;
  }
  if (!link) place.facts = name;
  if (S_ISDIR(place.facts.st_mode)) fail("it is a directory");
  if (!may_write(path)) fail(strerror(errno));
  if (!S_ISREG(place.facts.st_mode))
    place.way = OutputWay::direct;
  else if (!link && name.st_nlink == 1 && may_write(folder_of(path), W_OK | X_OK) &&
           (geteuid() == 0 || name.st_uid == geteuid()))
    place.way = OutputWay::replaced;
  else
    place.way = OutputWay::copied;
  return place;
}

void give_to_caller(int fd, const fs::path& folder) {
  if (geteuid() != 0) return;
  const auto user = number_in("SUDO_UID"), group = number_in("SUDO_GID");
  struct stat facts;
  if (!user || !group || stat(folder.empty() ? "." : folder.c_str(), &facts) != 0 || facts.st_uid != *user) return;
  if (fchown(fd, *user, *group) != 0) return;  // a file system without owners
}

}  // namespace zctrace
