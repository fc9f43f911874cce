#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

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
std::string in_words(TextWith<sizeof...(Arguments)> text, const Arguments&... arguments) {
  return say(terminal::style_of(stdout).language, text, arguments...);
}

Row row_of(const Kernel& kernel) {
  const bool is_default = kernel.version == lab::default_kernel;
  const bool in_boot = kernel.origin == Kernel::Origin::boot;
  return {is_default ? in_words(Text::lab_default, kernel.version) : kernel.version,
          kernel.release.empty() ? "-" : kernel.release, kernel.suite.empty() ? "-" : kernel.suite,
          in_boot            ? in_words(Text::lab_in_boot)
          : kernel.fetched() ? in_words(Text::lab_fetched)
                             : in_words(Text::lab_not_fetched),
          kernel.fetched() ? mebibytes(kernel) : "-"};
}

/// [{"version", "flavour", "release", "suite", "fetched", "bytes"}]; null where it is not known yet.
void list_json() {
  using Json = nlohmann::ordered_json;
  Json all = Json::array();
  const auto known = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  for (const Kernel& kernel : lab::list_kernels())
    all.push_back({{"version", kernel.version},
                   {"flavour", known(kernel.flavour)},
                   {"release", known(kernel.release)},
                   {"suite", known(kernel.suite)},
                   {"fetched", kernel.fetched()},
                   {"bytes", kernel.fetched() ? Json(lab::size_on_disk(kernel)) : Json(nullptr)}});
  fmt::print("{}\n", all.dump(2));
}

void list() {
  std::vector<Row> rows = {{in_words(Text::lab_version), in_words(Text::lab_release), in_words(Text::lab_suite),
                            in_words(Text::lab_state), in_words(Text::lab_on_disk)}};
  for (const Kernel& kernel : lab::list_kernels()) rows.push_back(row_of(kernel));
  std::array<int, 4> widths{};
  for (const Row& row : rows)
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  for (const Row& row : rows) {
    for (size_t i = 0; i < widths.size(); ++i) fmt::print("{}  ", pad(row[i], widths[i]));
    fmt::print("{}\n", row.back());
  }
}

/// "all" stands for the lab's plain kernels, without the flavours; each name is checked before the first one is acted
/// on.
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
      if (kernel.origin == Kernel::Origin::debian && kernel.flavour.empty()) add(kernel.version);
  }
  return versions;
}

void fetch_one(const std::string& version) {
  const Kernel before = lab::known_kernel(version);
  if (before.fetched()) {
    fmt::print("{}\n", in_words(Text::lab_there_already, version, before.release, before.image.parent_path().string()));
    return;
  }
  terminal::Progress progress;
  const Kernel kernel = lab::fetch_kernel(version, [&](const Message& stage, double percent) {
    if (InterruptGuard::count() > 0) throw ExitWith{ExitStatus::interrupted};
    progress.show(message(Text::stage_of, "Linux " + version, stage), percent);
  });
  progress.clear();
  fmt::print("{}\n", in_words(Text::lab_has_fetched, version, kernel.release, mebibytes(kernel),
                              kernel.image.parent_path().string()));
  std::fflush(stdout);
}

void fetch(const std::vector<std::string>& wanted) {
  // What is half fetched is cleared away on the way out, so Ctrl-C must not end us on the spot.
  const InterruptGuard guard;
  for (const std::string& version : versions_of(wanted)) try {
      fetch_one(version);
    } catch (const Error&) {
      if (InterruptGuard::count() > 0) throw ExitWith{ExitStatus::interrupted};  // the terminal's Ctrl-C has ended apt too
      throw;
    }
}

void remove(const std::vector<std::string>& wanted) {
  for (const std::string& version : versions_of(wanted))
    fmt::print("{}\n", lab::remove_kernel(version) ? in_words(Text::lab_removed, version)
                                                   : in_words(Text::lab_was_not_fetched, version));
}

}  // namespace

void add_lab(Command& program) {
  Command lab = program.subcommand("lab", "Manage the kernels that --kernel can boot.");
  lab.needs_subcommand();
  lab.footer("Examples:\n  zctrace lab list\n  zctrace lab fetch 7.2");
  Command listing = lab.subcommand("list", "List the known kernels and their state.");
  listing.footer("Examples:\n  zctrace lab list\n  zctrace lab list --lang zh\n  zctrace lab list --json");
  const auto json = std::make_shared<bool>(false);
  listing.flag("--json", *json, "Print them as JSON, in English.");
  listing.on_call([json] { *json ? list_json() : list(); });

  const auto add = [&lab](const char* name, const char* what, const char* examples,
                          void (*act)(const std::vector<std::string>&)) {
    Command command = lab.subcommand(name, what);
    command.footer(examples);
    auto versions = std::make_shared<std::vector<std::string>>();
    command.option("VERSION", *versions, "Versions as shown by zctrace lab list, or all that are not -rt or -cloud.")
        .required();
    command.on_call([versions, act] { act(*versions); });
  };
  add("fetch", "Fetch kernels from Debian. Needs no root and installs nothing.",
      "Examples:\n  zctrace lab fetch 7.2\n  zctrace lab fetch all", fetch);
  add("remove", "Remove fetched kernels.", "Examples:\n  zctrace lab remove 5.10\n  zctrace lab remove all", remove);
}

}  // namespace zctrace::commands
