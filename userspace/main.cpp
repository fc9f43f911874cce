#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "userspace/commands/attach.h"
#include "userspace/commands/chart.h"
#include "userspace/commands/claims.h"
#include "userspace/commands/compare.h"
#include "userspace/commands/doctor.h"
#include "userspace/commands/exec.h"
#include "userspace/commands/experiments.h"
#include "userspace/commands/export.h"
#include "userspace/commands/lab.h"
#include "userspace/commands/learn.h"
#include "userspace/commands/list.h"
#include "userspace/commands/report.h"
#include "userspace/commands/run.h"
#include "userspace/commands/show.h"
#include "userspace/commands/top.h"
#include "userspace/error.h"
#include "userspace/export/text.h"
#include "userspace/language/language.h"

namespace {

/// A name from a document or of a file may be in it, of any length: it must not steer the terminal.
std::string one_line(const std::string& text) {
  constexpr int kMost = 600;
  return zctrace::exports::fit(text, kMost);
}

int report(zctrace::ExitStatus status, const std::string& what, const std::string& hint) {
  std::fflush(stdout);
  std::fprintf(stderr, "zctrace: %s\n", one_line(what).c_str());
  if (!hint.empty()) std::fprintf(stderr, "  hint: %s\n", one_line(hint).c_str());
  return static_cast<int>(status);
}

int run(int argc, char** argv) {
  CLI::App app{"zctrace: what really happens to your bytes on their way from disk to network"};
  app.name("zctrace");
  app.set_version_flag("--version", "zctrace " ZCTRACE_VERSION);
  app.fallthrough();
  app.add_option_function<std::string>(
         "--lang", [](const std::string& name) { zctrace::choose_language(*zctrace::language_named(name)); },
         "en or zh; else what LANG says")
      ->check(CLI::IsMember({"en", "zh"}).description(""))
      ->trigger_on_parse();
  app.require_subcommand(1);
  zctrace::commands::add_list(app);
  zctrace::commands::add_run(app);
  zctrace::commands::add_exec(app);
  zctrace::commands::add_attach(app);
  zctrace::commands::add_top(app);
  zctrace::commands::add_show(app);
  zctrace::commands::add_chart(app);
  zctrace::commands::add_report(app);
  zctrace::commands::add_export(app);
  zctrace::commands::add_compare(app);
  zctrace::commands::add_claims(app);
  zctrace::commands::add_learn(app);
  zctrace::commands::add_doctor(app);
  zctrace::commands::add_lab(app);
  zctrace::commands::add_measure(app);
  try {
    app.parse(zctrace::commands::cut_command(app, argc, argv), argv);
    return 0;
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-')
      return report(zctrace::ExitStatus::usage, "unknown command '" + std::string(argv[1]) + "'", "zctrace --help");
    std::string hint = "zctrace --help";
    for (const CLI::App* command : app.get_subcommands()) hint = "zctrace " + command->get_name() + " --help";
    return report(zctrace::ExitStatus::usage, error.what(), hint);
  }
}

}  // namespace

int main(int argc, char** argv) {
  using zctrace::ExitStatus;
  try {
    const int status = run(argc, argv);
    if (std::fflush(stdout) || std::ferror(stdout)) {
      std::perror("zctrace: standard output");
      return static_cast<int>(ExitStatus::failed);
    }
    return status;
  } catch (const zctrace::Error& error) {
    return report(error.status, error.what(), error.hint);
  } catch (const zctrace::Passed& passed) {
    return passed.status;
  } catch (const std::bad_alloc&) {
    return report(ExitStatus::failed, "out of memory", "");
  } catch (const std::exception& error) {
    return report(ExitStatus::failed, error.what(), "");
  }
}
