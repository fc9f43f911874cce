#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace zctrace::lab {

/// A kernel the lab can boot, or could boot once it is fetched.
struct Kernel {
  enum class Origin { debian, boot, file };

  std::string
      version;        ///< what a person asks for: "6.12", "6.1-rt"; the release for kernels that are not the lab's own
  std::string suite;  ///< the Debian suite it comes from; empty for other kernels
  std::string flavour;            ///< "rt" or "cloud" of those that Debian builds another way; empty for the plain ones
  std::string release;            ///< as `uname -r` says; empty when not fetched
  std::filesystem::path image;    ///< the bzImage; empty when not fetched
  std::filesystem::path modules;  ///< .../lib/modules/RELEASE
  Origin origin = Origin::debian;

  bool fetched() const { return !image.empty(); }
};

/// The kernel that `--kernel lab` means: the newest long-term one of the known ones.
inline constexpr std::string_view default_kernel = "6.12";

/// Versions of the lab's own kernels, as list_kernels() has them.
std::vector<std::string_view> kernel_versions();

/// The lab's own kernels, fetched or not, oldest first, then their flavours, then those of /boot that have their
/// modules.
std::vector<Kernel> list_kernels();

/// Finds a kernel by version ("6.12"), release, or path of a bzImage whose modules lie in lib/modules/RELEASE of the
/// same tree. Throws Error: unknown (usage), known but not fetched, unreadable, without modules (failed).
Kernel find_kernel(const std::string& wanted);

/// The one of the lab's own kernels with this version, fetched or not. Throws Error (usage) when it is none of them.
Kernel known_kernel(const std::string& version);

/// Where a kernel of the lab's own is kept: vmlinuz and lib/modules/RELEASE.
std::filesystem::path kernel_folder(const std::string& version);

/// Bytes on disk of a fetched kernel: image, modules, and what was made from them to boot it.
uint64_t size_on_disk(const Kernel& kernel);

/// The release written in a bzImage's header; empty when the file is not a readable bzImage.
std::string image_release(const std::filesystem::path& image);

}  // namespace zctrace::lab
