#include "userspace/commands/exec/on_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/process.h"
#include "base/spawn.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

namespace fs = std::filesystem;

namespace {

constexpr const char* kGuestDisk = "/run/zctrace/disk";
constexpr std::array<const char*, 5> kGuestsOwn{"/proc", "/sys", "/dev", "/run", "/"};

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

uint64_t used_bytes() {
  struct statvfs disk {};
  if (statvfs(kGuestDisk, &disk) != 0) return 0;
  return (disk.f_blocks - disk.f_bfree) * disk.f_frsize;
}

[[noreturn]] void fail(const std::string& folder, const std::string& why) {
  throw Error(ExitStatus::failed, fmt::format("cannot put {} on the lab's disk: {}", folder, why));
}

/// Contents, owners, times, links and all, by cp.
void copy(const std::string& folder, const fs::path& to, uint64_t room, terminal::Progress& progress) {
  const fs::path cp = find_program("cp");
  if (cp.empty()) fail(folder, "cp is missing");
  const uint64_t before = used_bytes();
  const pid_t child = spawn(
      {.command = {cp, "-a", "--sparse=always", "--", folder + "/.", to}, .fds = {{STDERR_FILENO, STDERR_FILENO}}});
  int status = 0;
  for (pid_t ended = 0; ended == 0;) {
    const uint64_t now = used_bytes();
    const double part =
        static_cast<double>(now - std::min(now, before)) / static_cast<double>(std::max(room, uint64_t{1}));
    progress.show(message(Text::stage_on_disk, folder), 100 * std::min(part, 1.0));
    usleep(100'000);
    ended = waitpid(child, &status, WNOHANG);
    if (ended < 0 && errno != EINTR) fail(folder, std::strerror(errno));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail(folder, "cp failed");
}

}  // namespace

std::vector<std::string> folders_to_copy(const std::vector<std::string>& given) {
  std::vector<std::string> folders;
  for (const std::string& name : given) {
    std::error_code error;
    const fs::path folder = fs::canonical(name, error);
    if (error || !fs::is_directory(folder)) throw Error(ExitStatus::usage, "--on-disk: " + name + " is not a folder");
    for (const fs::path own : kGuestsOwn)
      if (folder == own || (own != "/" && is_below(folder, own)))
        throw Error(ExitStatus::usage, fmt::format("--on-disk: the lab has a {} of its own", own.string()));
    folders.push_back(folder);
  }
  return folders;
}

uint64_t room_for(const std::vector<std::string>& folders) {
  constexpr uint64_t kBlock = 4096, kInode = 16384;  // mkfs.ext4 makes one inode for so many bytes
  uint64_t bytes = 0;
  for (const std::string& folder : folders) {
    std::error_code error;
    constexpr auto kQuietly = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(folder, kQuietly, error), end; !error && at != end; at.increment(error)) {
      std::error_code ignored;
      const bool file = at->symlink_status(ignored).type() == fs::file_type::regular;
      const uint64_t size = file ? at->file_size(ignored) : 0;
      bytes += std::max((ignored ? 0 : size + kBlock - 1) / kBlock * kBlock, kInode);
    }
  }
  return bytes + bytes / 16;
}

void put_on_disk(const std::vector<std::string>& folders) {
  if (folders.empty()) return;
  terminal::Progress progress(terminal::Progress::Form::lines);
  for (size_t i = 0; i < folders.size(); i++) {
    const fs::path copied = fs::path(kGuestDisk) / "on-disk" / std::to_string(i);
    fs::create_directories(copied);
    copy(folders[i], copied, room_for({folders[i]}), progress);
    if (mount(copied.c_str(), folders[i].c_str(), nullptr, MS_BIND, nullptr) != 0)
      fail(folders[i], std::strerror(errno));
  }
  sync();
  std::ofstream("/proc/sys/vm/drop_caches") << "1";
  fs::current_path(fs::current_path());  // the folder that we are in may lie below a mount now
  progress.show(message(Text::stage_running));
}

}  // namespace zctrace::commands
