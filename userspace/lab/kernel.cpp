#include "userspace/lab/kernel.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "userspace/lab/boot_cache.h"
#include "userspace/lab/cache.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

namespace {

struct Known {
  const char* version;
  const char* suite;
  const char* flavour = "";
};

constexpr std::array<Known, 8> known_kernels = {{
    {"5.10", "bullseye"},
    {"6.1", "bookworm"},
    {"6.12", "trixie"},
    {"7.2", "sid"},
    {"6.1-rt", "bookworm", "rt"},
    {"6.12-rt", "trixie", "rt"},
    {"6.1-cloud", "bookworm", "cloud"},
    {"6.12-cloud", "trixie", "cloud"},
}};

Kernel from_cache(const Known& known) {
  Kernel kernel;
  kernel.version = known.version;
  kernel.suite = known.suite;
  kernel.flavour = known.flavour;
  const fs::path folder = kernel_folder(known.version);
  kernel.release = image_release(folder / "vmlinuz");
  if (kernel.release.empty()) return kernel;
  kernel.image = folder / "vmlinuz";
  kernel.modules = folder / "lib/modules" / kernel.release;
  return kernel;
}

bool has_modules(const fs::path& folder) { return access((folder / "modules.dep").c_str(), R_OK) == 0; }

std::vector<Kernel> kernels_in_boot() {
  std::vector<Kernel> kernels;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/boot", error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("vmlinuz-")) continue;
    const std::string release = name.substr(std::strlen("vmlinuz-"));
    const fs::path modules = fs::path("/lib/modules") / release;
    if (has_modules(modules))
      kernels.push_back({release, {}, {}, release, entry.path(), modules, Kernel::Origin::boot});
  }
  std::sort(kernels.begin(), kernels.end(), [](const Kernel& a, const Kernel& b) { return a.release < b.release; });
  return kernels;
}

void check_readable(const Kernel& kernel) {
  if (access(kernel.image.c_str(), R_OK) == 0) return;
  throw Error(ExitStatus::failed, fmt::format("cannot read {}: {}", kernel.image.string(), std::strerror(errno)),
              fmt::format("use a lab kernel instead: zctrace lab fetch {}", default_kernel));
}

Kernel from_file(const std::string& wanted) {
  Kernel kernel;
  kernel.origin = Kernel::Origin::file;
  kernel.image = fs::absolute(wanted).lexically_normal();
  check_readable(kernel);
  kernel.release = kernel.version = image_release(kernel.image);
  if (kernel.release.empty())
    throw Error(ExitStatus::failed, fmt::format("{} is not a bootable x86 kernel (bzImage)", wanted));

  fs::path without_index;
  for (fs::path tree = kernel.image.parent_path();; tree = tree.parent_path()) {
    for (const char* place : {"lib/modules", "usr/lib/modules"}) {
      const fs::path modules = tree / place / kernel.release;
      if (has_modules(modules)) {
        kernel.modules = modules;
        return kernel;
      }
      if (without_index.empty() && fs::is_directory(modules)) without_index = tree;
    }
    if (tree == tree.parent_path()) break;
  }
  if (!without_index.empty())
    throw Error(ExitStatus::failed, fmt::format("the modules of {} have no modules.dep", wanted),
                fmt::format("/sbin/depmod -b {} {}", without_index.string(), kernel.release));
  throw Error(ExitStatus::failed,
              fmt::format("no modules next to {}: lib/modules/{} is missing", wanted, kernel.release),
              "unpack the whole package: dpkg -x linux-image-*.deb DIR");
}

[[noreturn]] void unknown(const std::string& wanted, const std::vector<Kernel>& kernels) {
  std::string known;
  for (const Kernel& kernel : kernels) known += (known.empty() ? "" : ", ") + kernel.version;
  throw Error(ExitStatus::usage, fmt::format("unknown kernel '{}'; known: {}", wanted, known), "zctrace lab list");
}

}  // namespace

fs::path kernel_folder(const std::string& version) { return cache_folder() / "kernels" / version; }

std::string image_release(const fs::path& image) {
  // Documentation/arch/x86/boot.rst: "HdrS" at 0x202; at 0x20e the place of the version string, less 0x200.
  std::ifstream file(image, std::ios::binary);
  std::array<char, 0x210> header{};
  if (!file.read(header.data(), header.size()) || std::memcmp(&header[0x202], "HdrS", 4) != 0) return {};
  const unsigned offset = static_cast<unsigned char>(header[0x20e]) | static_cast<unsigned char>(header[0x20f]) << 8;
  if (!file.seekg(offset + 0x200)) return {};
  std::string release;
  std::getline(file, release, '\0');
  return release.substr(0, release.find(' '));
}

std::vector<std::string_view> kernel_versions() {
  std::vector<std::string_view> versions;
  for (const Known& known : known_kernels) versions.emplace_back(known.version);
  return versions;
}

std::vector<Kernel> list_kernels() {
  std::vector<Kernel> kernels;
  for (const Known& known : known_kernels) kernels.push_back(from_cache(known));
  std::vector<Kernel> boot = kernels_in_boot();
  kernels.insert(kernels.end(), boot.begin(), boot.end());
  return kernels;
}

Kernel known_kernel(const std::string& version) {
  for (const Known& known : known_kernels)
    if (version == known.version) return from_cache(known);
  std::vector<Kernel> kernels;
  for (const Known& known : known_kernels) kernels.push_back({known.version, known.suite, {}, {}, {}, {}, {}});
  unknown(version, kernels);
}

Kernel find_kernel(const std::string& wanted) {
  if (wanted.find('/') != std::string::npos) return from_file(wanted);
  const std::vector<Kernel> kernels = list_kernels();
  for (const Kernel& kernel : kernels) {
    if (wanted.empty() || (wanted != kernel.version && wanted != kernel.release)) continue;
    if (!kernel.fetched())
      throw Error(ExitStatus::failed, fmt::format("kernel {} has not been fetched yet", wanted),
                  fmt::format("zctrace lab fetch {}", kernel.version));
    check_readable(kernel);
    return kernel;
  }
  if (fs::is_regular_file(wanted)) return from_file(wanted);
  unknown(wanted, kernels);
}

uint64_t size_on_disk(const Kernel& kernel) {
  uint64_t blocks = 0;
  const auto add = [&blocks](const fs::path& path) {
    struct stat file {};
    if (lstat(path.c_str(), &file) == 0) blocks += static_cast<uint64_t>(file.st_blocks);
  };
  add(kernel.image);
  for (const fs::path& folder : {kernel.modules, boot_folder(kernel.release)}) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) add(entry.path());
  }
  return blocks * 512;
}

}  // namespace zctrace::lab
