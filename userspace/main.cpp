#ifdef ZCTRACE_CAPTURE
#include <bpf/libbpf.h>
#endif
#ifdef ZCTRACE_STATIC
#include <nss.h>
#endif
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/command_line.h"
#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/standard_output.h"
#include "base/text.h"
#include "model/language/language.h"
#include "userspace/commands/commands.h"
#include "userspace/commands/manual/translation.h"
#include "userspace/commit.h"
#ifdef ZCTRACE_CAPTURE
#include "userspace/capture/guest_command.h"
#include "userspace/commands/support/claims_results.h"
#include "userspace/confine/privileges.h"
#endif

namespace zctrace {

namespace {

/// A name from a document or of a file may be in it, of any length: it must not steer the terminal.
std::string one_line(const std::string& text) {
  constexpr int kMost = 600;
  return fit(text, kMost);
}

/// The version with the commit, and what it works on here.
std::string version_text() {
  std::string text = std::string("zctrace " ZCTRACE_VERSION " (") + kCommit + ")";
#ifdef ZCTRACE_CAPTURE
  text += "\nlibbpf " + std::to_string(libbpf_major_version()) + "." + std::to_string(libbpf_minor_version());
#endif
  utsname kernel;
  if (uname(&kernel) == 0) text += std::string("\nLinux ") + kernel.release + " " + kernel.machine;
  return text;
}

int report(ExitStatus status, const std::string& what, const std::string& hint) {
  std::fflush(stdout);
  // What a guest's kernel said follows on indented lines; any other line break is no more than a character.
  constexpr std::string_view kNext = "\n    ";
  const char* before = "zctrace: ";
  for (size_t begin = 0, end; begin <= what.size(); begin = end + kNext.size()) {
    end = std::min(what.find(kNext, begin), what.size());
    std::fprintf(stderr, "%s%s\n", before, one_line(what.substr(begin, end - begin)).c_str());
    before = "    ";
  }
  if (!hint.empty()) std::fprintf(stderr, "  hint: %s\n", one_line(hint).c_str());
  return static_cast<int>(status);
}

int report_unwritten(int error_number) {
  return report(ExitStatus::failed, std::string("cannot write standard output: ") + std::strerror(error_number), "");
}

void run(int argc, char** argv) {
  static constexpr std::array<std::string_view, 2> kRunners{"exec", "top"};
  std::vector<std::string> traced;
  CommandLine line("zctrace", "Show what really happens to your bytes on their way from disk to network.");
  line.version(version_text());
  line.translate([](const std::string& english) { return commands::help_in(chosen_language(), english); });
  Command program = line.root();
  program
      .option(
          "--lang", [](const std::string& name) { choose_language(*language_named(name)); },
          "Set the language, en or zh (default: from LC_ALL, LC_MESSAGES or LANG).")
      .value_name("LANG")
      .one_of({"en", "zh"})
      .at_once();
  program.footer(
      "Figures go to standard output, everything else to standard error. Exit status: 0 done, 1 failed, 2 wrong usage, "
      "3 not permitted on this kernel or for this user, 4 an expectation does not hold, 130 interrupted; exec and top "
      "exit with the command's status.\n"
      "\nExamples:\n  zctrace run splice\n  zctrace run --help\n  zctrace help measuring");
  commands::ClaimsResults claims_results;  // none where nothing can be measured
#ifdef ZCTRACE_CAPTURE
  claims_results = commands::claims_results;
  line.before_call([](const std::string& subcommand) {
    static constexpr std::array<std::string_view, 5> kTracers{"exec", "attach", "top", "agent", "doctor"};
    // What an ordinary user was given for tracing (file capabilities) is for nothing else.
    if (geteuid() != 0 && std::ranges::find(kTracers, subcommand) == kTracers.end()) confine::give_up_all();
  });
  commands::add_list(program);
  commands::add_run(program);
  commands::add_exec(program, traced);
  commands::add_attach(program);
  commands::add_top(program, traced);
  commands::add_agent(program);
  commands::add_matrix(program);
  commands::add_cells(program);
  commands::add_learn(program);
  commands::add_doctor(program);
  commands::add_lab(program);
  commands::add_measure(program);
  commands::add_preload(program);
#endif
  commands::add_show(program);
  commands::add_chart(program);
  commands::add_report(program);
  commands::add_export(program);
  commands::add_compare(program);
  commands::add_check(program);
  commands::add_claims(program, claims_results);
  commands::add_help(program, [&line] { return line.text(); });
  commands::add_completion(program, [&line] { return line.text(); });
  commands::add_manual(program, [&line] { return line.text(); });
  const int own = line.own_words(argc, argv, kRunners);
  const int rest = own < argc && std::string_view(argv[own]) == "--" ? own + 1 : own;
  traced.assign(argv + rest, argv + argc);
  line.run(own, argv);
}

}  // namespace

}  // namespace zctrace

static int status_of(int argc, char** argv) {
  using namespace zctrace;
  try {
    run(argc, argv);
    const int error = standard_output_error();
    return error == 0 ? 0 : report_unwritten(error);
  } catch (const Error& error) {
    return report(error.status, error.what(), error.hint);
  } catch (const ExitWith& exit) {
    return exit.status;
  } catch (const std::bad_alloc&) {
    return report(ExitStatus::failed, "out of memory", "");
  } catch (const std::system_error& error) {
    if (std::ferror(stdout)) return report_unwritten(error.code().value());  // fmt's, which does not say of what
    return report(ExitStatus::failed, error.what(), "");
  } catch (const std::exception& error) {
    return report(ExitStatus::failed, error.what(), "");
  }
}

int main(int argc, char** argv) {
#ifdef ZCTRACE_STATIC
  // The machine's modules (sss, systemd) are for its own C library, and would crash this one.
  __nss_configure_lookup("passwd", "files");
#endif
  zctrace::open_standard_streams();
#ifdef ZCTRACE_CAPTURE
  constexpr rlim_t kOpenFiles = 4096;  // programs, maps and hooks are several hundred
  zctrace::raise_limit(RLIMIT_NOFILE, kOpenFiles);
#endif
  const int status = status_of(argc, argv);
#ifdef ZCTRACE_CAPTURE
  zctrace::capture::end_guest(status);
#endif
  return status;
}
