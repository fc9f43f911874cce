#include "userspace/lab/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/process.h"
#include "userspace/lab/cache.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t least_room = 8 << 20;

fs::path disk_folder() {
  if (const char* folder = std::getenv("TMPDIR"); folder && *folder) return folder;
  make_writable(cache_folder());
  return cache_folder();
}

Fd open_nameless(const fs::path& folder) {
  Fd file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) return file;
  // Not every file system can make a file without a name; take the name away at once.
  std::string name = folder / "zctrace-disk-XXXXXX";
  Fd named(mkostemp(name.data(), O_CLOEXEC));
  if (named) unlink(name.c_str());
  return named;
}

}  // namespace

Fd make_disk(uint64_t bytes) {
  const fs::path folder = disk_folder();
  Fd disk = open_nameless(folder);
  if (!disk || ftruncate(disk.get(), static_cast<off_t>(bytes)) != 0)
    throw Error(ExitStatus::failed,
                fmt::format("cannot create the guest's disk in {}: {}", folder.string(), std::strerror(errno)),
                "set TMPDIR to a directory with free space");
  check_room(disk);

  const fs::path mkfs = find_program("mkfs.ext4");
  if (mkfs.empty()) throw Error(ExitStatus::failed, "mkfs.ext4 is missing", "apt-get install e2fsprogs");
  constexpr int kDiskFd = 3;
  const Finished made = run_program({.command = {mkfs, "-q", "-F", "-m", "0", "-E", "root_owner=0:0,lazy_itable_init=1",
                                                 fmt::format("/proc/self/fd/{}", kDiskFd)},
                                     .fds = {{disk.get(), kDiskFd}},
                                     .own_group = true});  // a terminal's Ctrl-C ends the guest, not this
  if (made.status != 0) {
    std::istringstream lines(made.err);
    std::string first;
    std::getline(lines, first);
    throw Error(ExitStatus::failed, fmt::format("mkfs.ext4 failed for the guest's disk of {} bytes: {}", bytes, first));
  }
  return disk;
}

void check_room(const Fd& disk) {
  struct statvfs host {};
  if (fstatvfs(disk.get(), &host) != 0 || host.f_bavail * host.f_frsize >= least_room) return;
  throw Error(ExitStatus::failed, "the host's disk is full: the guest's disk cannot grow",
              "set TMPDIR to a directory with free space");
}

}  // namespace zctrace::lab
