#include "userspace/commands/lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "userspace/commands/interrupt.h"
#include "userspace/commands/progress.h"
#include "userspace/error.h"
#include "userspace/lab/fetch.h"

namespace zctrace::commands {

namespace {

using lab::Kernel;

using Row = std::array<std::string, 5>;

std::string mebibytes(const Kernel& kernel) { return fmt::format("{} MiB", lab::size_on_disk(kernel) >> 20); }

Row row_of(const Kernel& kernel) {
  const bool is_default = kernel.version == lab::default_kernel;
  const bool in_boot = kernel.origin == Kernel::Origin::boot;
  return {kernel.version + (is_default ? " (default)" : ""), kernel.release.empty() ? "-" : kernel.release,
          kernel.suite.empty() ? "-" : kernel.suite,
          in_boot            ? "in /boot"
          : kernel.fetched() ? "fetched"
                             : "not fetched",
          kernel.fetched() ? mebibytes(kernel) : "-"};
}

void list() {
  std::vector<Row> rows = {{"VERSION", "RELEASE", "SUITE", "STATE", "ON DISK"}};
  for (const Kernel& kernel : lab::list_kernels()) rows.push_back(row_of(kernel));
  std::array<size_t, 4> widths{};
  for (const Row& row : rows)
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < widths.size(); ++i) fmt::print("{:<{}}  ", row[i], widths[i]);
    fmt::print("{}\n", row.back());
  }
}

/// "all" stands for every kernel of the lab's own; each name is checked before the first one is acted on.
std::vector<std::string> versions_of(const std::vector<std::string>& wanted) {
  std::vector<std::string> versions;
  const auto add = [&versions](const std::string& version) {
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) versions.push_back(version);
  };
  for (const std::string& name : wanted) {
    if (name != "all") {
      add(lab::known_kernel(name).version);
      continue;
    }
    for (const Kernel& kernel : lab::list_kernels())
      if (kernel.origin == Kernel::Origin::debian) add(kernel.version);
  }
  return versions;
}

void fetch_one(const std::string& version) {
  const Kernel before = lab::known_kernel(version);
  if (before.fetched()) {
    fmt::print("{}: {} is there already, in {}\n", version, before.release, before.image.parent_path().string());
    return;
  }
  Progress progress;
  const Kernel kernel = lab::fetch_kernel(version, [&](std::string_view stage, double percent) {
    if (InterruptGuard::count() > 0) throw Passed{130};
    progress.show(fmt::format("Linux {}: {}", version, stage), percent);
  });
  progress.clear();
  fmt::print("{}: fetched {} ({}) into {}\n", version, kernel.release, mebibytes(kernel),
             kernel.image.parent_path().string());
  std::fflush(stdout);
}

void fetch(const std::vector<std::string>& wanted) {
  // What is half fetched is cleared away on the way out, so Ctrl-C must not end us on the spot.
  const InterruptGuard guard;
  for (const std::string& version : versions_of(wanted)) try {
      fetch_one(version);
    } catch (const Error&) {
      if (InterruptGuard::count() > 0) throw Passed{130};  // the terminal's Ctrl-C has ended apt too
      throw;
    }
}

void remove(const std::vector<std::string>& wanted) {
  for (const std::string& version : versions_of(wanted))
    fmt::print("{}: {}\n", version, lab::remove_kernel(version) ? "removed" : "was not fetched");
}

}  // namespace

void add_lab(CLI::App& app) {
  auto* lab = app.add_subcommand("lab", "Kernels that --kernel can boot: list, fetch, remove");
  lab->require_subcommand(1);
  lab->add_subcommand("list", "The kernels there are and could be")->callback(list);

  const auto add = [lab](const char* name, const char* what, void (*act)(const std::vector<std::string>&)) {
    auto* command = lab->add_subcommand(name, what);
    auto versions = std::make_shared<std::vector<std::string>>();
    command->add_option("VERSION", *versions, "Versions as `zctrace lab list` shows them, or all")->required();
    command->callback([versions, act] { act(*versions); });
  };
  add("fetch", "Fetch kernels from Debian; needs no root, installs nothing", fetch);
  add("remove", "Remove fetched kernels", remove);
}

}  // namespace zctrace::commands
