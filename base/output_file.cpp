#include "base/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/error.h"

namespace zctrace {

namespace fs = std::filesystem;

void keep_recordings(const std::string& path, std::span<const std::string> recordings) {
  std::error_code absent;
  for (const auto& recording : recordings)
    if (fs::equivalent(recording, path, absent))
      throw Error(ExitStatus::usage, path + " is the recording being read", "choose another file with -o");
}

void check_place(const std::string& name, const char* option) {
  const fs::path path(name), folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    throw Error(ExitStatus::failed, "cannot write " + name + ": it is a directory", "name a file");
  const bool special = fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
  if (!special && access(folder.c_str(), W_OK))
    throw Error(ExitStatus::failed, "cannot write " + name + ": " + strerror(errno),
                std::string("choose another file with ") + option);
}

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  struct stat facts;
  const bool special = !path_.empty() && stat(path_.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode);
  int fd = -1;
  if (special) {
    fd = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    const fs::path folder = path_.empty() ? fs::temp_directory_path() : fs::absolute(path_).parent_path();
    fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    unnamed_ = fd >= 0;
    // Some file systems have no files without a name (an overlay before Linux 6.3).
    if (fd < 0 && errno == EOPNOTSUPP) {
      std::string name = path_.empty() ? (folder / "zctrace-XXXXXX").string() : path_;
      fd = path_.empty() ? mkostemp(name.data(), O_CLOEXEC)
                         : open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
      if (fd >= 0 && path_.empty()) unlink(name.c_str());
    }
  }
  if (fd < 0 || !(stream_ = fdopen(fd, "w"))) fail(errno);
}

OutputFile::~OutputFile() {
  if (stream_) fclose(stream_);
}

void OutputFile::fail(int error) const {
  throw Error(ExitStatus::failed,
              "cannot write " + (path_.empty() ? "a temporary file" : path_) + ": " + strerror(error),
              error == ENOSPC ? "free some space, or choose another place with -o" : "choose another file with -o");
}

void OutputFile::write(std::string_view bytes) {
  if (fwrite(bytes.data(), 1, bytes.size(), stream_) != bytes.size()) fail(errno);
}

std::string OutputFile::readable_path() const { return "/proc/self/fd/" + std::to_string(fileno(stream_)); }

void OutputFile::commit() {
  if (fflush(stream_)) fail(errno);
  if (ferror(stream_)) fail(EIO);
  if (!unnamed_ || path_.empty()) return;
  // A link cannot replace a file, a rename can.
  const fs::path target = fs::absolute(path_);
  const std::string stage = target.parent_path() / ("." + target.filename().string() + "." + std::to_string(getpid()));
  if (linkat(AT_FDCWD, readable_path().c_str(), AT_FDCWD, stage.c_str(), AT_SYMLINK_FOLLOW)) fail(errno);
  if (rename(stage.c_str(), target.c_str())) {
    const int error = errno;
    unlink(stage.c_str());
    fail(error);
  }
}

}  // namespace zctrace
