#include "userspace/lab/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/process.h"
#include "userspace/lab/apt.h"
#include "userspace/lab/boot_cache.h"
#include "userspace/lab/cache.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

namespace {

/// Drivers of hardware that no guest has; they are half of a kernel's size on disk.
constexpr const char* useless[] = {"sound",       "drivers/gpu",  "drivers/media",     "drivers/staging",
                                   "drivers/iio", "drivers/isdn", "drivers/bluetooth", "drivers/net/wireless"};

/// A folder that is gone at the end, however that comes; what a kill -9 left is cleared at the start.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void run_or_throw(const std::vector<std::string>& words) {
  SpawnRequest request{.command = words};
  request.command[0] = find_program(words[0]);
  if (request.command[0].empty())
    throw Error(ExitStatus::failed, fmt::format("{} is missing", words[0]), "apt-get install dpkg kmod");
  const Finished finished = run_program(request);
  if (finished.status == 0) return;
  std::string line;
  std::istringstream lines(finished.err);
  std::getline(lines, line);
  throw Error(ExitStatus::failed, fmt::format("{} failed: {}", words[0], line),
              fmt::format("a kernel needs about 600 MB of free space in {} (check with df)", cache_folder().string()));
}

/// The folder in which a path of the package lies, merged /usr or not.
fs::path modules_in(const fs::path& tree) {
  for (const char* place : {"lib/modules", "usr/lib/modules"}) {
    if (!fs::is_directory(tree / place)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(tree / place)) return entry.path();
  }
  throw Error(ExitStatus::failed, "the kernel package contains no modules");
}

fs::path image_in(const fs::path& tree, const fs::path& modules) {
  const fs::path in_boot = tree / "boot" / ("vmlinuz-" + modules.filename().string());
  if (fs::is_regular_file(in_boot)) return in_boot;
  if (fs::is_regular_file(modules / "vmlinuz")) return modules / "vmlinuz";
  throw Error(ExitStatus::failed, "the kernel package contains no kernel");
}

/// A suite that is not released yet moves on to newer kernels.
void expect_version(const std::vector<std::string>& packages, const Kernel& wanted) {
  const std::string version = wanted.version.substr(0, wanted.version.find('-'));
  const std::string expected = "linux-image-" + version + ".";
  if (std::ranges::any_of(packages, [&](const std::string& name) { return name.starts_with(expected); })) return;
  throw Error(ExitStatus::failed,
              fmt::format("Debian {} no longer has Linux {}, but {}", wanted.suite, version,
                          packages.empty() ? "none" : packages.front()),
              "choose another kernel: zctrace lab list");
}

/// Brings what the packages hold into one shape: vmlinuz and lib/modules/RELEASE with its index.
void arrange(const fs::path& tree, const fs::path& kernel) {
  const fs::path modules = modules_in(tree);
  const std::string release = modules.filename();
  fs::create_directories(kernel / "lib/modules");
  fs::rename(image_in(tree, modules), kernel / "vmlinuz");
  for (const char* folder : useless) fs::remove_all(modules / "kernel" / folder);
  fs::rename(modules, kernel / "lib/modules" / release);
  run_or_throw({"depmod", "-b", kernel, release});
  if (image_release(kernel / "vmlinuz") != release)
    throw Error(ExitStatus::failed, fmt::format("the kernel package for {} contains another kernel", release));
}

}  // namespace

Kernel fetch_kernel(const std::string& version, const FetchProgress& progress) {
  const Kernel wanted = known_kernel(version);
  if (wanted.fetched()) return wanted;
  const FetchProgress report = progress ? progress : [](const Message&, double) {};

  const fs::path target = kernel_folder(version);
  make_writable(target.parent_path());
  const FileLock lock(fs::path(target) += ".lock", [&report] { report(message(Text::stage_waiting), -1); });
  if (Kernel meanwhile = known_kernel(version); meanwhile.fetched()) return meanwhile;
  try {
    const TemporaryFolder work(fs::path(target) += ".partial");
    PrivateApt apt(work.path() / "apt", wanted.suite);
    apt.update(report);
    const std::vector<std::string> packages = apt.kernel_packages(wanted.flavour);
    expect_version(packages, wanted);
    fs::create_directories(work.path() / "packages");
    apt.download(packages, work.path() / "packages", report);
    report(message(Text::stage_unpacking), -1);
    for (const fs::directory_entry& package : fs::directory_iterator(work.path() / "packages"))
      run_or_throw({"dpkg", "-x", package.path(), work.path() / "tree"});
    report(message(Text::stage_indexing_modules), -1);
    arrange(work.path() / "tree", work.path() / "kernel");
    fs::remove_all(target);  // one that lacks its image counts as not fetched
    fs::rename(work.path() / "kernel", target);
  } catch (const fs::filesystem_error& error) {
    throw Error(
        ExitStatus::failed, fmt::format("cannot keep kernel {}: {}", version, error.what()),
        fmt::format("a kernel needs about 600 MB of free space in {} (check with df)", cache_folder().string()));
  }
  return known_kernel(version);
}

bool remove_kernel(const std::string& version) {
  const Kernel kernel = known_kernel(version);
  const fs::path target = kernel_folder(version);
  if (!fs::is_directory(target.parent_path())) return false;
  {
    const FileLock lock(fs::path(target) += ".lock");
    try {
      // By its other name first: a kernel that is half removed must not look like a kernel.
      const TemporaryFolder gone(fs::path(target) += ".partial");
      if (fs::exists(target)) fs::rename(target, gone.path() / "kernel");
      if (kernel.fetched()) fs::remove_all(boot_folder(kernel.release));
    } catch (const fs::filesystem_error& error) {
      throw Error(ExitStatus::failed, fmt::format("cannot remove kernel {}: {}", version, error.what()));
    }
  }
  return kernel.fetched();
}

}  // namespace zctrace::lab
