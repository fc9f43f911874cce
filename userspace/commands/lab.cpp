#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "model/language/texts.h"
#include "userspace/lab/fetch.h"
#include "viz/terminal/progress.h"
#include "viz/terminal/style.h"

namespace zctrace::commands {

namespace {

using lab::Kernel;

using Row = std::array<std::string, 5>;

std::string mebibytes(const Kernel& kernel) { return fmt::format("{} MiB", lab::size_on_disk(kernel) >> 20); }

template <class... Arguments>
std::string told(TextFor<std::type_identity_t<Arguments>...> text, const Arguments&... arguments) {
  return say(terminal::style_of(stdout).language, text, arguments...);
}

Row row_of(const Kernel& kernel) {
  const bool is_default = kernel.version == lab::default_kernel;
  const bool in_boot = kernel.origin == Kernel::Origin::boot;
  return {is_default ? told(Text::lab_default, kernel.version) : kernel.version,
          kernel.release.empty() ? "-" : kernel.release, kernel.suite.empty() ? "-" : kernel.suite,
          in_boot            ? told(Text::lab_in_boot)
          : kernel.fetched() ? told(Text::lab_fetched)
                             : told(Text::lab_not_fetched),
          kernel.fetched() ? mebibytes(kernel) : "-"};
}

void list() {
  std::vector<Row> rows = {{told(Text::lab_version), told(Text::lab_release), told(Text::lab_suite),
                            told(Text::lab_state), told(Text::lab_on_disk)}};
  for (const Kernel& kernel : lab::list_kernels()) rows.push_back(row_of(kernel));
  std::array<int, 4> widths{};
  for (const Row& row : rows)
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  for (const Row& row : rows) {
    for (size_t i = 0; i < widths.size(); ++i) fmt::print("{}  ", pad(row[i], widths[i]));
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
    fmt::print("{}\n", told(Text::lab_there_already, version, before.release, before.image.parent_path().string()));
    return;
  }
  terminal::Progress progress;
  const Kernel kernel = lab::fetch_kernel(version, [&](const Message& stage, double percent) {
    if (InterruptGuard::count() > 0) throw Passed{130};
    progress.show(message(Text::stage_of, "Linux " + version, stage), percent);
  });
  progress.clear();
  fmt::print("{}\n", told(Text::lab_has_fetched, version, kernel.release, mebibytes(kernel),
                          kernel.image.parent_path().string()));
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
    fmt::print("{}\n", lab::remove_kernel(version) ? told(Text::lab_removed, version)
                                                   : told(Text::lab_was_not_fetched, version));
}

}  // namespace

void add_lab(Command& program) {
  Command lab = program.subcommand("lab", "Kernels that --kernel can boot: list, fetch, remove");
  lab.needs_subcommand();
  lab.subcommand("list", "The kernels there are and could be").on_call(list);

  const auto add = [&lab](const char* name, const char* what, void (*act)(const std::vector<std::string>&)) {
    Command command = lab.subcommand(name, what);
    auto versions = std::make_shared<std::vector<std::string>>();
    command.option("VERSION", *versions, "Versions as `zctrace lab list` shows them, or all").required();
    command.on_call([versions, act] { act(*versions); });
  };
  add("fetch", "Fetch kernels from Debian; needs no root, installs nothing", fetch);
  add("remove", "Remove fetched kernels", remove);
}

}  // namespace zctrace::commands
