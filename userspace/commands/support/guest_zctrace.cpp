#include "userspace/commands/support/guest_zctrace.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/interrupt.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/lab/guest.h"

namespace zctrace::commands {

namespace {

/// The guest's standard error: its progress, and its messages.
class Messages {
 public:
  Messages(terminal::Progress& progress, const std::string& kernel) : progress_(progress), kernel_(kernel) {}

  void take(std::string_view bytes) {
    rest_ += bytes;
    for (size_t end; (end = rest_.find('\n')) != rest_.npos; rest_.erase(0, end + 1)) {
      const std::string_view line = std::string_view(rest_).substr(0, end);
      if (const auto stage = terminal::Progress::stage_of(line)) {
        progress_.show(message(Text::stage_of, kernel_, *stage));
      } else {
        progress_.clear();
        fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
      }
    }
  }

 private:
  terminal::Progress& progress_;
  std::string kernel_;
  std::string rest_;
};

std::vector<std::string> guest_environment() {
  std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                       "HOME=/root"};
  for (const char* name : {"LANG", "LC_ALL", "LC_CTYPE", "ZCTRACE_DEBUG", "ZCTRACE_WITHOUT"})
    if (const char* value = getenv(name)) environment.push_back(std::string(name) + "=" + value);
  return environment;
}

}  // namespace

std::string this_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

std::vector<std::string> preload_command(const std::string& zctrace, capture::CopyMode copies, bool programs,
                                         bool stacks) {
  if (getenv("ZCTRACE_WITHOUT")) return {};
  std::vector<std::string> command{zctrace, "preload"};
  for (const auto& [word, mode] : copy_modes())
    if (mode == copies) command.push_back("--copies=" + word);
  if (programs) command.emplace_back("--programs");
  if (stacks) command.emplace_back("--stacks");
  return command;
}

void run_in_guest(const GuestZctrace& asked, terminal::Progress& progress) {
  lab::GuestRequest request;
  request.kernel = lab::find_kernel(asked.kernel);
  request.append = asked.append;
  // A real-time kernel waits for its threads while it boots, a busy machine's for long.
  if (request.kernel.release.find("-rt-") != std::string::npos) request.boot_limit *= 3;
  const std::string title = "Linux " + request.kernel.version;
  DocumentStream documents(asked.on_document);
  Messages messages(progress, title);
  request.environment = guest_environment();
  request.prepare = preload_command(this_program(), asked.copies, false, false);
  request.disk_bytes = asked.disk_bytes;
  request.memory_mib = asked.memory_mib;
  request.on_stage = [&](Text stage) { progress.show(message(Text::stage_of, title, Message::of_chosen(stage, {}))); };
  request.on_out = [&](std::string_view bytes) {
    progress.clear();
    documents.take(bytes);
  };
  request.on_err = [&](std::string_view bytes) { messages.take(bytes); };

  const InterruptGuard guard;
  int forwarded = 0;
  // The first Ctrl-C is for the zctrace in the guest, that delivers what it has; the second ends the guest.
  request.next_signal = [&]() -> std::optional<lab::GuestSignal> {
    if (InterruptGuard::count() <= forwarded) return {};
    return lab::GuestSignal{.number = forwarded++ == 0 ? SIGINT : SIGKILL, .whole_group = true};
  };

  for (bool again = false;; again = true) {
    // The guest shares our files, and so this program.
    request.command = {std::filesystem::read_symlink("/proc/self/exe").string()};
    for (std::string& word : asked.arguments(documents.done())) request.command.push_back(std::move(word));
    request.run_limit = asked.limit(documents.done());
    try {
      const int status = lab::run_guest(request).exit_status;
      progress.clear();
      if (status != 0) throw ExitWith{status};
      return;
    } catch (const lab::GuestDied& died) {
      progress.clear();
      documents.abandon();
      if (again || InterruptGuard::count()) throw;
      std::fprintf(stderr, "zctrace: %s\nzctrace: trying again\n", died.what());
    }
  }
}

}  // namespace zctrace::commands
