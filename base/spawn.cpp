#include "base/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/io.h"
#include "base/limits.h"

namespace zctrace {

namespace {

using Step = SpawnError::Step;

/// What the child tells us where it could not become the program.
struct Report {
  Step step;
  int error_number;
};

/// All that the child needs, made before the fork: after it, in a copy of a process with threads, memory cannot be
/// allocated and only async-signal-safe calls are made.
struct Plan {
  const SpawnRequest& request;
  std::vector<char*> arguments;
  std::vector<std::pair<int, int>> fds;  ///< by their numbers in the program
  std::vector<int> parked;
  Fd null;
  pid_t parent = getpid();
  int gate = -1, our_gate = -1;

  explicit Plan(const SpawnRequest& asked) : request(asked), fds(asked.fds) {
    for (const std::string& word : asked.command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    if (asked.others == Others::closed) {
      null.reset(open("/dev/null", O_RDWR | O_CLOEXEC));
      if (!null) throw system_error("opening /dev/null");
      for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
        if (std::ranges::none_of(fds, [&](const auto& fd) { return fd.second == stream; }))
          fds.emplace_back(null.get(), stream);
    }
    std::ranges::sort(fds, {}, &std::pair<int, int>::second);
    parked.resize(fds.size(), -1);
  }

  const char* file() const { return request.file.empty() ? arguments[0] : request.file.c_str(); }
};

/// The child, from the fork to execve.
class NewProcess {
 public:
  explicit NewProcess(Plan& plan) : plan_(plan), request_(plan.request), gate_(plan.gate) {}

  [[noreturn]] void become() {
    if (request_.own_group) setpgid(0, 0);
    set_signals();
    wait_to_be_released();
    place_descriptors();
    if (request_.owner) become_owner(*request_.owner);
    if (!request_.folder.empty() && chdir(request_.folder.c_str()) != 0) fail(Step::folder);
    if (request_.death_signal) {
      prctl(PR_SET_PDEATHSIG, request_.death_signal);  // after the change of user, which takes it back
      if (getppid() != plan_.parent) _exit(127);       // it died before the line above
    }
    restore_limits();
    execv(plan_.file(), plan_.arguments.data());
    fail(Step::exec);
  }

 private:
  [[noreturn]] void fail(Step step) {
    const Report report{step, errno};
    send(gate_, &report, sizeof report, MSG_NOSIGNAL);
    _exit(127);
  }

  void set_signals() {
    struct sigaction action {};
    for (int number = 1; number < NSIG; ++number) {
      const bool ignored = std::ranges::find(request_.ignored, number) != request_.ignored.end();
      action.sa_handler = ignored ? SIG_IGN : SIG_DFL;
      sigaction(number, &action, nullptr);  // refused for SIGKILL, SIGSTOP and the C library's own
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, request_.mask ? &*request_.mask : &none, nullptr);
  }

  void wait_to_be_released() {
    close(plan_.our_gate);  // lest we never see its end
    char go = 0;
    if (uninterrupted([&] { return recv(gate_, &go, 1, 0); }) != 1) _exit(127);  // nobody wants us any more
  }

  /// First all to above the highest wanted number, then each to its place, lest one be overwritten before it is copied.
  void place_descriptors() {
    const int free = plan_.fds.empty() ? STDERR_FILENO + 1 : plan_.fds.back().second + 1;
    const auto park = [&](int fd) {
      const int parked = fcntl(fd, F_DUPFD_CLOEXEC, free);
      if (parked < 0 && errno == EINVAL) errno = EMFILE;  // that is beyond RLIMIT_NOFILE
      if (parked < 0) fail(Step::descriptors);
      return parked;
    };
    gate_ = park(gate_);
    for (size_t i = 0; i < plan_.fds.size(); ++i) plan_.parked[i] = park(plan_.fds[i].first);
    if (request_.netns >= 0 && setns(request_.netns, CLONE_NEWNET) != 0) fail(Step::netns);
    int next = 0;
    for (size_t i = 0; i < plan_.fds.size(); ++i) {
      const int number = plan_.fds[i].second;
      if (request_.others == Others::closed) close_range(next, number - 1);
      if (dup2(plan_.parked[i], number) < 0) fail(Step::descriptors);
      next = number + 1;
    }
    if (request_.others != Others::closed) return;
    close_range(next, gate_ - 1);
    close_range(gate_ + 1, std::numeric_limits<int>::max());
  }

  void close_range(int first, int last) {
    if (first <= last && syscall(SYS_close_range, static_cast<unsigned>(first), static_cast<unsigned>(last), 0) != 0)
      fail(Step::descriptors);
  }

  void become_owner(const Owner& owner) {
    // Pipes belong to who made them: /dev/stdout could not be opened.
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
      struct stat facts;
      if (fstat(fd, &facts) == 0 && S_ISFIFO(facts.st_mode) && fchown(fd, owner.user, owner.groups[0]) != 0)
        fail(Step::owner);
    }
    // The C library's setgroups() would stop all threads, of which there is one here.
    if (syscall(SYS_setgroups, owner.groups.size(), owner.groups.data()) != 0) fail(Step::owner);
    if (setgid(owner.groups[0]) != 0 || setuid(owner.user) != 0) fail(Step::owner);
  }

  Plan& plan_;
  const SpawnRequest& request_;
  int gate_;
};

std::string message(const SpawnRequest& request, Step step, int error_number) {
  const char* doing = step == Step::descriptors ? "passing on its descriptors: "
                      : step == Step::netns     ? "entering its network namespace: "
                      : step == Step::owner     ? "becoming its user: "
                      : step == Step::folder    ? "entering its folder: "
                                                : "";
  return fmt::format("cannot start {}: {}{}", request.command[0], doing, std::strerror(error_number));
}

}  // namespace

SpawnError::SpawnError(const SpawnRequest& request, Step at, int number)
    : Error(ExitStatus::failed, message(request, at, number), number == EMFILE ? "ulimit -n 1024" : ""),
      step(at),
      error_number(number) {}

HeldProgram::HeldProgram(SpawnRequest request) : request_(std::move(request)) {
  Plan plan(request_);
  auto [ours, theirs] = make_socket_pair();
  gate_ = std::move(ours);
  plan.gate = theirs.get();
  plan.our_gate = gate_.get();
  // No handler of ours may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_ = fork();
  if (pid_ == 0) NewProcess(plan).become();
  const int error_number = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid_ < 0) throw system_error("cannot start " + request_.command[0], error_number);
}

void HeldProgram::release() {
  const char go = 'G';
  send(gate_.get(), &go, 1, MSG_NOSIGNAL);  // it may have been killed by now, which its end tells
}

bool HeldProgram::read_report(int flags) {
  Report report{};
  const ssize_t got = uninterrupted([&] { return recv(gate_.get(), &report, sizeof report, flags); });
  if (got == sizeof report) throw SpawnError(request_, report.step, report.error_number);
  return got == 0 || errno != EAGAIN;  // execve closes the child's end
}

bool HeldProgram::executing() { return read_report(MSG_DONTWAIT); }
void HeldProgram::wait_until_executing() { read_report(0); }

pid_t spawn(SpawnRequest request) {
  HeldProgram program(std::move(request));
  program.release();
  try {
    program.wait_until_executing();
  } catch (const SpawnError&) {
    uninterrupted([&] { return waitpid(program.pid(), nullptr, 0); });
    throw;
  }
  return program.pid();
}

}  // namespace zctrace
