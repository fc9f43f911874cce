#include "userspace/commands/support/choose_kernel.h"

#include <unistd.h>

#include <cstdio>

#include "base/error.h"
#include "base/process.h"
#include "userspace/capture/capabilities.h"
#include "userspace/lab/fetch.h"
#include "userspace/lab/kernel.h"
#include "userspace/record/capture_mode.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

namespace {

/// Words for why the host does not count exactly.
std::string why_not(const capture::Capabilities& host) {
  if (!host.can_trace()) return "tracing is not permitted here: " + host.tracepoints.in(Language::english);
  if (!host.fentry.empty() && !host.breakpoints.empty())
    return "this kernel does not permit fentry or hardware breakpoints";
  return !host.fentry.empty()
             ? "this kernel does not permit fentry: " + host.fentry.in(Language::english)
             : "this kernel does not permit hardware breakpoints: " + host.breakpoints.in(Language::english);
}

void fetch_default_kernel() {
  terminal::Progress progress;
  lab::fetch_kernel(std::string(lab::default_kernel), [&](const Message& stage, double percent) {
    progress.show(message(Text::stage_of, message(Text::stage_once, lab::default_kernel), stage), percent);
  });
}

}  // namespace

std::vector<std::string> kernel_choices() {
  std::vector<std::string> words{"auto", "host"};
  for (const std::string_view version : lab::kernel_versions()) words.emplace_back(version);
  return words;
}

std::string choose_kernel(const std::string& wanted, capture::CopyMode copies, bool needs_cards, bool quiet) {
  if (wanted == "host" || capture::in_lab()) return "";
  if (wanted != "auto") {
    const lab::Kernel kernel = lab::find_kernel(wanted);
    return kernel.origin == lab::Kernel::Origin::file ? kernel.image.string() : kernel.release;
  }

  const capture::Capabilities& host = capture::running_kernel().capabilities;
  const bool enough = copies == capture::CopyMode::fast ? host.can_sum() : host.can_count_exactly();
  if (enough && !needs_cards) return "";

  const std::string why = enough ? "the nic path needs the lab's network cards" : why_not(host);
  std::string lab_trouble;
  try {
    if (find_program("qemu-system-x86_64").empty())
      throw Error(ExitStatus::failed, "qemu-system-x86_64 is missing", "apt-get install qemu-system-x86");
    if (!lab::known_kernel(std::string(lab::default_kernel)).fetched()) fetch_default_kernel();
    const std::string release = lab::find_kernel(std::string(lab::default_kernel)).release;
    if (!quiet) std::fprintf(stderr, "zctrace: running in the lab on Linux %s: %s\n", release.c_str(), why.c_str());
    return release;
  } catch (const Error& error) {
    if (!host.can_trace() || needs_cards) throw;
    lab_trouble = error.what();
  }
  std::fprintf(stderr, "zctrace: running on this machine with weaker evidence: %s; the lab is unavailable: %s\n",
               why.c_str(), lab_trouble.c_str());
  return "";
}

}  // namespace zctrace::commands
