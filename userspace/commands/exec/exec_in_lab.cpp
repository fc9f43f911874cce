#include "userspace/commands/exec/on_disk.h"
#include "userspace/commands/exec/request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/signals.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/commands/support/guest_stages.h"
#include "userspace/commands/support/guest_zctrace.h"
#include "userspace/lab/guest.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

namespace {

/// Us, as --as takes it.
std::string this_owner() {
  std::vector<gid_t> groups(static_cast<size_t>(getgroups(0, nullptr)));
  getgroups(static_cast<int>(groups.size()), groups.data());
  groups.insert(groups.begin(), getegid());
  return fmt::format("{}:{}", geteuid(), fmt::join(groups, ","));
}

/// The same command for the zctrace in the guest, which shares our files.
std::vector<std::string> guest_command(const ExecRequest& request) {
  std::vector<std::string> command{std::filesystem::read_symlink("/proc/self/exe").string(), "exec"};
  command.insert(command.end(), request.given.begin(), request.given.end());
  command.insert(command.end(),
                 {"--kernel=host", "--quiet", "--records", fmt::format("--output={}", lab::guest_data_place)});
  for (const std::string& folder : request.lab.on_disk) command.push_back("--on-disk=" + folder);
  if (geteuid() != 0) command.push_back("--as=" + this_owner());
  command.push_back("--");
  command.insert(command.end(), request.command.begin(), request.command.end());
  return command;
}

/// Writes to one of our standard streams what the command wrote; where nobody reads it, SIGPIPE is due.
class OutputForwarder {
 public:
  explicit OutputForwarder(int fd) : fd_(fd) {}

  void take(std::string_view bytes) {
    while (!bytes.empty() && !broken_) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      broken_ = written < 0;
      signal_due_ = broken_ && errno == EPIPE;
      if (!broken_) bytes.remove_prefix(static_cast<size_t>(written));
    }
  }
  /// Once, after it broke.
  bool signal_due() { return std::exchange(signal_due_, false); }

 private:
  int fd_;
  bool broken_ = false, signal_due_ = false;
};

/// What the zctrace in the guest says on standard error while it prepares: from its last stage on it is the command's.
class GuestsProgress {
 public:
  GuestsProgress(bool prepares, std::string title, terminal::Progress& progress)
      : prepares_(prepares), title_(std::move(title)), progress_(progress) {}

  /// The bytes of them that are not ours.
  std::string take(std::string_view bytes) {
    if (!prepares_) return std::string(bytes);
    line_ += bytes;
    for (size_t end; prepares_ && (end = line_.find('\n')) != line_.npos; line_.erase(0, end + 1)) {
      const auto stage = terminal::Progress::stage_of(std::string_view(line_).substr(0, end));
      prepares_ = stage && stage->id() != Text::stage_running;
      if (prepares_)
        progress_.show(message(Text::stage_of, title_, *stage));
      else
        progress_.clear();
      if (!stage) break;  // an error's
    }
    return prepares_ ? "" : std::exchange(line_, "");
  }

 private:
  bool prepares_;
  std::string title_, line_;
  terminal::Progress& progress_;
};

/// What the terminal and others send us, for the command in the guest.
class SignalForwarder {
 public:
  explicit SignalForwarder(std::vector<OutputForwarder*> streams) : streams_(std::move(streams)) {}

  std::optional<lab::GuestSignal> next() {
    for (OutputForwarder* stream : streams_)
      if (stream->signal_due()) return lab::GuestSignal{.number = SIGPIPE, .whole_group = true};
    while (const auto signal = signals_.next())
      // QEMU's end is seen by its wires, and there is no terminal in the guest.
      if (signal->number != SIGCHLD && signal->number != SIGWINCH && signal->number != SIGCONT)
        return lab::GuestSignal{.number = signal->number, .whole_group = signal->whole_group};
    return {};
  }

 private:
  std::vector<OutputForwarder*> streams_;
  Signals signals_{Stops::act};
};

}  // namespace

int exec_in_lab(ExecRequest& request, const std::string& kernel) {
  request.lab.on_disk = folders_to_copy(request.lab.on_disk);
  lab::GuestRequest guest;
  guest.kernel = lab::find_kernel(kernel);
  guest.append = request.lab.append;
  guest.command = guest_command(request);
  guest.cwd = std::filesystem::current_path();
  guest.environment = our_environment();
  guest.prepare = preload_command(this_program(), request.trace.copies, true, request.trace.stacks);
  guest.disk_bytes += room_for(request.lab.on_disk);
  guest.in = STDIN_FILENO;

  terminal::Progress progress;
  guest.on_stage = stages_until_running(progress, "Linux " + guest.kernel.version);
  OutputForwarder out(STDOUT_FILENO), err(STDERR_FILENO);
  guest.on_out = [&](std::string_view bytes) { out.take(bytes); };
  GuestsProgress preparing(!request.lab.on_disk.empty(), "Linux " + guest.kernel.version, progress);
  guest.on_err = [&](std::string_view bytes) { err.take(preparing.take(bytes)); };
  std::unique_ptr<OutputFile> document;
  DocumentStream documents([&](std::unique_ptr<OutputFile> whole) { document = std::move(whole); });
  guest.on_data = [&](std::string_view bytes) { documents.take(bytes); };

  lab::GuestResult result;
  {
    SignalForwarder signals({&out, &err});
    guest.next_signal = [&] { return signals.next(); };
    result = lab::run_guest(guest);
  }
  progress.clear();
  // Without a document the zctrace in the guest has printed what was wrong, where it could.
  after_command(result.exit_status, [&] {
    if (document) return deliver(request.delivery, std::move(document));
    if (result.killed_by != 0)
      throw Error(ExitStatus::failed,
                  fmt::format("in the guest zctrace was killed by signal {}, and the command with it: there is no recording{}",
                              result.killed_by, result.killed_by == SIGKILL ? " (a program of the guest's, or no memory)" : ""));
  });
  return result.exit_status;
}

}  // namespace zctrace::commands
