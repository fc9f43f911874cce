#include "base/output_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/fd.h"
#include "base/zstd.h"

namespace zctrace {

namespace fs = std::filesystem;

void keep_recordings(const std::string& path, std::span<const std::string> recordings) {
  std::error_code absent;
  for (const auto& recording : recordings)
    if (fs::equivalent(recording, path, absent))
      throw Error(ExitStatus::usage, path + " is the recording being read", "choose another file with -o");
}

void check_place(const std::string& path, const char* option) { place_of(path, option); }

void make_folder(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  std::error_code error;
  if (fs::is_directory(path, error)) return;
  if (mkdir(path.c_str(), 0777) && errno != EEXIST)
    throw Error(ExitStatus::failed, "cannot create " + path + ": " + strerror(errno),
                "choose another directory with -o");
  if (const Fd folder(open(path.c_str(), O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)); folder)
    give_to_caller(folder.get(), parent);
}

namespace {

/// Where there are none (an overlay before Linux 6.3), one whose name is gone at once.
int open_unnamed(const fs::path& folder) {
  const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  if (fd >= 0 || errno != EOPNOTSUPP) return fd;
  std::string name = (folder / ".zctrace-XXXXXX").string();
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (!path_.empty()) place_ = place_of(path_);
  int fd = -1;
  if (place_.descriptor) {
    fflush(stdout);
    fd = fcntl(*place_.descriptor, F_DUPFD_CLOEXEC, 3);
  } else if (place_.way == OutputWay::direct) {
    fd = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    const bool beside = !path_.empty() && place_.way != OutputWay::copied;
    fd = open_unnamed(beside ? fs::absolute(path_).parent_path() : fs::temp_directory_path());
  }
  stream_ = fd < 0 ? nullptr : fdopen(fd, "w");
  if (!stream_) fail(errno);
  if (path_.ends_with(".zst")) packing_ = zstd_into(stream_);
}

OutputFile::~OutputFile() {
  if (packing_) fclose(packing_);
  if (stream_) fclose(stream_);
}

void OutputFile::fail(int error) const {
  throw Error(ExitStatus::failed,
              "cannot write " + (path_.empty() ? "a temporary file" : path_) + ": " + strerror(error),
              error == ENOSPC ? "free some space, or choose another place with -o" : "choose another file with -o");
}

void OutputFile::write(std::string_view bytes) {
  if (fwrite(bytes.data(), 1, bytes.size(), stream()) != bytes.size()) fail(errno);
}

std::string OutputFile::readable_path() const { return "/proc/self/fd/" + std::to_string(fileno(stream_)); }

void OutputFile::commit() {
  if (packing_ && (ferror(packing_) | fclose(std::exchange(packing_, nullptr)))) fail(errno);
  if (fflush(stream_)) fail(errno);
  if (ferror(stream_)) fail(EIO);
  if (path_.empty() || place_.way == OutputWay::direct) return;
  if (place_.way == OutputWay::copied)
    copy_in_place();
  else
    link_in_place();
}

void OutputFile::link_in_place() {
  const int fd = fileno(stream_);
  const fs::path target = fs::absolute(path_);
  if (place_.way == OutputWay::replaced) {
    // Its mode last: a new owner takes the bits of a set-user-ID file away.
    if (fchown(fd, place_.facts.st_uid, place_.facts.st_gid) || fchmod(fd, place_.facts.st_mode & 07777))
      return copy_in_place();
  } else {
    give_to_caller(fd, target.parent_path());
  }
  // A link cannot replace a file, a rename can. Its name is short, whatever the file's.
  const std::string stage = target.parent_path() / (".zctrace." + std::to_string(getpid()));
  if (linkat(AT_FDCWD, readable_path().c_str(), AT_FDCWD, stage.c_str(), AT_SYMLINK_FOLLOW)) return copy_in_place();
  if (rename(stage.c_str(), target.c_str())) {
    const int error = errno;
    unlink(stage.c_str());
    fail(error);
  }
}

void OutputFile::copy_in_place() {
  // As the kernel lets us: in a folder like /tmp it does not follow another user's link.
  const Fd target(open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666));
  if (!target) fail(errno);
  if (place_.way == OutputWay::made) give_to_caller(target.get(), fs::absolute(path_).parent_path());
  off_t at = 0;
  for (ssize_t moved; (moved = sendfile(target.get(), fileno(stream_), &at, 1 << 20)) != 0;)
    if (moved < 0 && errno != EINTR) fail(errno);
}

}  // namespace zctrace
