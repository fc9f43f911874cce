#include "userspace/lab/vmlinux.h"

#include <fmt/format.h>

#include <cstring>
#include <fstream>

#include "base/error.h"
#include "userspace/lab/boot_cache.h"
#include "userspace/lab/decompress.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

namespace {

uint32_t number_at(std::string_view bytes, size_t place) {
  uint32_t number = 0;
  std::memcpy(&number, bytes.data() + place, sizeof number);
  return number;
}

bool starts_directly(std::string_view elf) {
  using namespace std::string_view_literals;
  // The type (XEN_ELFNOTE_PHYS32_ENTRY, 18) and owner of the note that holds the entry.
  return elf.starts_with("\177ELF"sv) && elf.find("\x12\0\0\0Xen\0"sv) != elf.npos;
}

}  // namespace

std::string vmlinux_in(std::string_view bzimage) {
  // Documentation/arch/x86/boot.rst: setup_sects, payload_offset and payload_length.
  if (bzimage.size() < 0x250 || bzimage.substr(0x202, 4) != "HdrS") return {};
  const size_t setup_sectors = static_cast<unsigned char>(bzimage[0x1f1]);
  const size_t begin = ((setup_sectors ? setup_sectors : 4) + 1) * 512 + number_at(bzimage, 0x248);
  const size_t length = number_at(bzimage, 0x24c);
  if (length < 4 || begin > bzimage.size() || length > bzimage.size() - begin) return {};
  std::string_view payload = bzimage.substr(begin, length);
  // The build appends the unpacked size to all but gzip, which ends in it by itself.
  if (!payload.starts_with("\x1f\x8b")) payload.remove_suffix(4);
  std::string elf = decompress(payload).value_or("");
  return starts_directly(elf) ? elf : std::string();
}

fs::path image_to_boot(const Kernel& kernel) {
  // An empty file stands for a kernel that can only be started as it is.
  const fs::path kept = kept_file(kernel.release, identity(kernel.image), ".vmlinux", [&](const fs::path& path) {
    std::ofstream file(path, std::ios::binary);
    file << vmlinux_in(read_file(kernel.image));
    if (!file.flush())
      throw Error(ExitStatus::failed, fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)),
                  "check free space with df, or set XDG_CACHE_HOME to another directory");
  });
  return fs::file_size(kept) > 0 ? kept : kernel.image;
}

}  // namespace zctrace::lab
