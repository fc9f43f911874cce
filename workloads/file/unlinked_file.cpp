#include "workloads/file/unlinked_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/statvfs.h>

#include <cstdlib>

#include "base/io.h"
#include "base/units.h"

namespace zctrace::workloads {
namespace {

Fd open_unlinked(const std::string& directory) {
  Fd file(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) return file;
  if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) {
    std::string name = directory + "/zctrace-XXXXXX";
    file.reset(mkostemp(name.data(), O_CLOEXEC));
    if (file) {
      unlink(name.c_str());
      return file;
    }
  }
  throw Error(ExitStatus::failed, system_error("cannot create the test file in " + directory).what(),
              "choose another directory with --workdir DIR, or your own file with --file");
}

}  // namespace

Fd create_unlinked(const std::string& directory, uint64_t size) {
  Fd file = open_unlinked(directory);
  // Asked before anything is written: a size that does not fit shall not fill the disk for a moment.
  const uint64_t free = free_bytes(file.get());
  if (free < size) throw no_room(ENOSPC, free, directory, size);
  return file;
}

uint64_t free_bytes(int fd) {
  struct statvfs room {};
  if (fstatvfs(fd, &room) < 0) return 0;
  return uint64_t{room.f_bavail} * room.f_frsize;
}

Error no_room(int error, uint64_t free, const std::string& directory, uint64_t size) {
  if (error != ENOSPC && error != EDQUOT && error != EFBIG) {
    return system_error("writing the test file in " + directory, error);
  }
  return Error(
      ExitStatus::failed,
      fmt::format("the test file needs {} in {}, which has {} MiB free", format_size(size), directory, free >> 20),
      "use a smaller --size, or another directory with --workdir DIR");
}

}  // namespace zctrace::workloads
