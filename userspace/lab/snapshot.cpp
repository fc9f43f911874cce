#include "userspace/lab/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "userspace/lab/boot_cache.h"
#include "userspace/lab/cache.h"

namespace zctrace::lab {

namespace {
namespace fs = std::filesystem;

constexpr const char* kExtension = ".state";
/// Of a kernel: a state has 130 to 310 MB.
constexpr size_t kKept = 4;
constexpr uint64_t kRoomLeft = uint64_t{2} << 30;

/// Those used longest ago go.
void drop_oldest(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> states;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == kExtension) states.emplace_back(entry.last_write_time(), entry.path());
  std::ranges::sort(states, std::greater());
  for (size_t i = kKept; i < states.size(); ++i) fs::remove(states[i].second);
}

}  // namespace

Snapshot::Snapshot(const Kernel& kernel, const Machine& machine, const std::vector<std::string>& prepare)
    : release_(kernel.release),
      depends_on_(identity(machine.qemu) + identity(machine.kernel) + identity(machine.initramfs) +
                  read_text("/proc/sys/kernel/random/boot_id")) {
  Machine nameless = machine;  // one file may be reached by several paths
  nameless.kernel.clear();
  nameless.initramfs.clear();
  nameless.counter_khz = 0;  // each measurement differs by a few
  for (const std::string& word : qemu_command(nameless)) depends_on_ += '\n' + word;
  if (!prepare.empty()) depends_on_ += '\n' + identity(prepare[0]);
  for (const std::string& word : prepare) depends_on_ += '\n' + word;
}

Fd Snapshot::open() const {
  Fd state(::open(kept_path(release_, depends_on_, kExtension).c_str(), O_RDONLY | O_CLOEXEC));
  if (state) futimens(state.get(), nullptr);  // used now
  return state;
}

void Snapshot::keep(const std::function<void(int)>& save) const {
  try {
    make_writable(boot_folder(release_));
    if (fs::space(boot_folder(release_)).available < kRoomLeft) return;
    kept_file(release_, depends_on_, kExtension, [&](const std::filesystem::path& path) {
      const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
      if (!file) throw system_error("writing " + path.string());
      save(file.get());
    });
    drop_oldest(boot_folder(release_));
  } catch (const Error&) {
  } catch (const fs::filesystem_error&) {
  }
}

void Snapshot::discard() const {
  std::error_code ignored;
  std::filesystem::remove(kept_path(release_, depends_on_, kExtension), ignored);
}

}  // namespace zctrace::lab
