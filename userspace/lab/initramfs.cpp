#include "userspace/lab/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parts.h"
#include "userspace/lab/boot_cache.h"
#include "userspace/lab/decompress.h"
#include "userspace/lab/modules.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

namespace {

/// In this order, each after what it needs. The two crc32c are not in modules.dep: ext4 asks for them by algorithm.
const std::vector<std::string_view> wanted_modules = {
    "virtio_pci",     "virtio_console", "9pnet_virtio", "9p",   "overlay",
    "crc32c_generic", "crc32c_intel",   "libcrc32c",    "ext4", "nvme",
    "vmxnet3",        "virtio_net",     "veth",         "tls",  "fuse"};

/// A module as the kernel takes it: finit_module of some of these kernels cannot decompress.
std::string read_module(const fs::path& path) {
  std::string content = read_file(path);
  if (path.extension() == ".ko") return content;
  if (std::optional<std::string> module = decompress(content)) return *module;
  throw Error(ExitStatus::failed, fmt::format("cannot decompress {}", path.string()));
}

/// A cpio archive in the form the kernel unpacks ("newc").
class Cpio {
 public:
  explicit Cpio(const fs::path& path) : path_(path), writer_(archive_write_new(), archive_write_free) {
    archive_write_set_format_cpio_newc(writer_.get());
    check(archive_write_open_filename(writer_.get(), path.c_str()));
  }
  void add_folder(const std::string& name) { add(name, AE_IFDIR, 0755, {}); }
  void add_file(const std::string& name, const std::string& content, unsigned mode = 0644) {
    add(name, AE_IFREG, mode, content);
  }
  void finish() { check(archive_write_close(writer_.get())); }

 private:
  void add(const std::string& name, unsigned type, unsigned mode, const std::string& content) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), type);
    archive_entry_set_perm(entry.get(), static_cast<mode_t>(mode));
    archive_entry_set_nlink(entry.get(), 1);
    archive_entry_set_ino64(entry.get(), ++last_inode_);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    check(archive_write_header(writer_.get(), entry.get()));
    if (archive_write_data(writer_.get(), content.data(), content.size()) != static_cast<la_ssize_t>(content.size()))
      check(ARCHIVE_FATAL);
  }
  void check(int result) {
    if (result < ARCHIVE_WARN)
      throw Error(ExitStatus::failed,
                  fmt::format("cannot write {}: {}", path_.string(), archive_error_string(writer_.get())),
                  "check free space with df, or set XDG_CACHE_HOME to another directory");
  }

  fs::path path_;
  std::unique_ptr<archive, decltype(&archive_write_free)> writer_;
  int64_t last_inode_ = 0;
};

/// The guest has its root by 9p, which Debian's -cloud kernels are built without: no boot can show it more clearly.
void expect_9p(const Kernel& kernel, const std::vector<std::string>& modules) {
  const fs::path built_in = kernel.modules / "modules.builtin";
  std::string all = fs::exists(built_in) ? read_file(built_in) : std::string();
  for (const std::string& module : modules) all += module + "\n";
  if (all.find("/9p.ko") != std::string::npos) return;
  throw Error(ExitStatus::failed,
              fmt::format("{} cannot be booted in the lab: it has no 9p, by which a guest shares this machine's files",
                          kernel.release),
              "choose another kernel (zctrace lab list)");
}

void write_archive(const fs::path& path, const std::string& init, const Kernel& kernel,
                   const std::vector<std::string>& modules) {
  Cpio cpio(path);
  cpio.add_file("init", init, 0755);
  for (const char* folder : {"dev", "proc", "sys", "lower", "upper", "root", "modules", "bpf", "run"})
    cpio.add_folder(folder);
  std::string order;
  for (const std::string& module : modules) {
    const std::string name = module_name(module) + ".ko";
    cpio.add_file("modules/" + name, read_module(kernel.modules / module));
    order += name + "\n";
  }
  cpio.add_file("modules/order", order);
  // Where the guest finds the other modules, on the root it shares with the host.
  cpio.add_file("modules/folder", fs::canonical(kernel.modules));
  cpio.finish();
}

}  // namespace

fs::path initramfs_for(const Kernel& kernel) {
  const std::string init = read_file(part("zctrace-init"));
  const std::vector<std::string> modules = load_order(read_file(kernel.modules / "modules.dep"), wanted_modules);
  expect_9p(kernel, modules);
  std::string depends_on = init;
  for (const std::string& module : modules) depends_on += identity(kernel.modules / module);
  return kept_file(kernel.release, depends_on, ".cpio",
                   [&](const fs::path& path) { write_archive(path, init, kernel, modules); });
}

}  // namespace zctrace::lab
