#include "userspace/lab/snapshot.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/io.h"
#include "userspace/lab/boot_cache.h"

namespace zctrace::lab {

namespace {
constexpr const char* kExtension = ".state";
}

Snapshot::Snapshot(const Kernel& kernel, const Machine& machine)
    : release_(kernel.release),
      depends_on_(identity(machine.qemu) + identity(machine.kernel) + identity(machine.initramfs) +
                  read_text("/proc/sys/kernel/random/boot_id")) {
  Machine nameless = machine;  // one file may be reached by several paths
  nameless.kernel.clear();
  nameless.initramfs.clear();
  for (const std::string& word : qemu_command(nameless)) depends_on_ += '\n' + word;
}

Fd Snapshot::open() const {
  return Fd(::open(kept_path(release_, depends_on_, kExtension).c_str(), O_RDONLY | O_CLOEXEC));
}

void Snapshot::keep(const std::function<void(int)>& save) const {
  try {
    kept_file(release_, depends_on_, kExtension, [&](const std::filesystem::path& path) {
      const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
      if (!file) throw system_error("writing " + path.string());
      save(file.get());
    });
  } catch (const Error&) {
  }
}

void Snapshot::discard() const {
  std::error_code ignored;
  std::filesystem::remove(kept_path(release_, depends_on_, kExtension), ignored);
}

}  // namespace zctrace::lab
