#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

#include "base/child.h"
#include "base/io.h"
#include "base/launch.h"
#include "base/process.h"
#include "base/spawn.h"

namespace spawn_test {

using namespace zctrace;

namespace {

std::string all_of(const Fd& from) {
  std::string text;
  char piece[4096];
  for (ssize_t got; (got = uninterrupted([&] { return read(from.get(), piece, sizeof piece); })) > 0;)
    text.append(piece, static_cast<size_t>(got));
  return text;
}

int status_of(pid_t pid) {
  int status = 0;
  uninterrupted([&] { return waitpid(pid, &status, 0); });
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What a shell prints that is started as asked, and got `script` to do.
std::string output_of(const std::string& script, SpawnRequest request = {}) {
  auto [out, in] = make_pipe();
  request.command = {"/bin/sh", "-c", script};
  request.fds.emplace_back(in.get(), STDOUT_FILENO);
  const pid_t pid = spawn(std::move(request));
  in.reset();
  const std::string text = all_of(out);
  CHECK(status_of(pid) == 0);
  return text;
}

SpawnError failure_of(SpawnRequest request) {
  try {
    spawn(std::move(request));
  } catch (const SpawnError& error) {
    return error;
  }
  FAIL("it was started");
  throw std::logic_error("unreachable");
}

/// Does it in a process of its own, whose limits and descriptors may be spoilt; the exit status, 99 for an exception.
int in_other_process(const std::function<int()>& work) {
  const pid_t pid = fork();
  if (pid == 0) {
    try {
      _exit(work());
    } catch (...) {
      _exit(99);
    }
  }
  return status_of(pid);
}

}  // namespace

TEST_CASE("spawn: what cannot be executed is told with its errno, and nothing is left behind") {
  const SpawnError missing = failure_of({.command = {"/no/such/program"}});
  CHECK(missing.step == SpawnError::Step::exec);
  CHECK(missing.error_number == ENOENT);
  CHECK(std::string(missing.what()) == "cannot start /no/such/program: No such file or directory");
  CHECK(failure_of({.command = {"/etc/passwd"}}).error_number == EACCES);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("spawn: the step that failed is named") {
  const SpawnError folder = failure_of({.command = {"/bin/true"}, .folder = "/no/such/folder"});
  CHECK(folder.step == SpawnError::Step::folder);
  CHECK(std::string(folder.what()).find("entering its folder") != std::string::npos);
  const Fd no_namespace(open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(failure_of({.command = {"/bin/true"}, .netns = no_namespace.get()}).step == SpawnError::Step::netns);
  CHECK(failure_of({.command = {"/bin/true"}, .fds = {{9999, 3}}}).step == SpawnError::Step::descriptors);
}

TEST_CASE("spawn: descriptors arrive at their numbers, and no others") {
  // Not closed on exec, as a careless library leaves them.
  const Fd stray(open("/dev/zero", O_RDONLY)), first(open("/dev/null", O_RDONLY)), second(open("/dev/full", O_RDONLY));
  const std::string seen =
      output_of("cd /proc/self/fd; for n in [0-9]*; do echo $n $(readlink /proc/$$/fd/$n); done",
                {.fds = {{first.get(), second.get()}, {second.get(), first.get()}, {second.get(), 50}}});
  CHECK(seen.find(std::to_string(first.get()) + " /dev/full\n") != std::string::npos);
  CHECK(seen.find(std::to_string(second.get()) + " /dev/null\n") != std::string::npos);
  CHECK(seen.find("50 /dev/full\n") != std::string::npos);
  CHECK(seen.find("0 /dev/null\n") == 0);
  CHECK(seen.find("2 /dev/null\n") != std::string::npos);
  CHECK(seen.find("/dev/zero") == std::string::npos);
  CHECK(seen.find("socket:") == std::string::npos);
}

TEST_CASE("spawn: as_exec keeps what is not closed on exec") {
  const Fd stays(open("/dev/zero", O_RDONLY)), goes(open("/dev/full", O_RDONLY | O_CLOEXEC));
  const std::string seen = output_of("readlink /proc/$$/fd/*; true", {.others = Others::as_exec});
  CHECK(seen.find("/dev/zero") != std::string::npos);
  CHECK(seen.find("/dev/full") == std::string::npos);
}

TEST_CASE("spawn: descriptors arrive though our standard streams are closed") {
  CHECK(in_other_process([] {
          for (const int stream : {0, 1, 2}) close(stream);
          auto [out, in] = make_pipe();  // takes the numbers 0 and 1
          if (out.get() != 0 || in.get() != 1) return 1;
          const Fd file(open("/dev/full", O_RDONLY | O_CLOEXEC));  // and 2
          const pid_t pid = spawn({.command = {"/bin/sh", "-c", "readlink /proc/$$/fd/0 /proc/$$/fd/2 /proc/$$/fd/3"},
                                   .fds = {{in.get(), 1}, {file.get(), 3}}});
          in.reset();
          if (all_of(out) != "/dev/null\n/dev/null\n/dev/full\n") return 2;
          if (status_of(pid) != 0) return 3;
          return run_program({.command = {"/bin/echo", "said"}}).out == "said\n" ? 0 : 4;
        }) == 0);
}

TEST_CASE("spawn: few descriptors suffice, and too few are told as such") {
  const auto with_limit = [](rlim_t limit, int number) {
    return in_other_process([&] {
      const rlimit few{limit, limit};
      setrlimit(RLIMIT_NOFILE, &few);
      try {
        Child child({.command = {"/bin/true"}, .fds = {{STDIN_FILENO, number}}});
        while (!child.ended()) poll(nullptr, 0, 5);
        return child.succeeded() ? 0 : 1;
      } catch (const SpawnError& error) {
        return error.error_number == EMFILE && !error.hint.empty() ? 2 : 3;
      }
    });
  };
  CHECK(with_limit(64, 25) == 0);
  CHECK(with_limit(64, 100) == 2);
}

TEST_CASE("spawn: it dies with the thread that started it") {
  auto [out, in] = make_pipe();
  const int status = in_other_process([&] {
    spawn({.command = {"/bin/sleep", "100"}, .fds = {{in.get(), 3}}, .death_signal = SIGKILL});
    return 0;
  });
  CHECK(status == 0);
  in.reset();
  pollfd ended{out.get(), POLLIN, 0};
  CHECK(poll(&ended, 1, 10'000) == 1);  // the last holder of the pipe's other end is gone
  CHECK(all_of(out).empty());
}

TEST_CASE("spawn: it stands at its gate until it is released, and ends when nobody wants it") {
  auto [out, in] = make_pipe();
  pid_t pid = 0;
  {
    HeldProgram held({.command = {"/bin/echo", "free"}, .fds = {{in.get(), STDOUT_FILENO}}});
    pid = held.pid();
    pollfd readable{out.get(), POLLIN, 0};
    CHECK(poll(&readable, 1, 50) == 0);
    CHECK_FALSE(held.executing());
    held.release();
    held.wait_until_executing();
    CHECK(held.executing());
    in.reset();
    CHECK(all_of(out) == "free\n");
    CHECK(status_of(pid) == 0);
  }
  {
    const HeldProgram held({.command = {"/bin/echo", "free"}});
    pid = held.pid();
  }
  CHECK(status_of(pid) == 127);
}

TEST_CASE("spawn: killed at its gate, it is a program that has ended and no error") {
  HeldProgram held({.command = {"/bin/true"}});
  kill(held.pid(), SIGTERM);
  CHECK(status_of(held.pid()) == 128 + SIGTERM);
  held.release();
  CHECK(held.executing());
}

TEST_CASE("spawn: its process group, its folder and its name") {
  const auto group_of = [](bool own) {
    const pid_t pid = spawn({.command = {"/bin/sleep", "100"}, .own_group = own});
    const pid_t group = getpgid(pid);
    kill(pid, SIGKILL);
    status_of(pid);
    return group == pid;
  };
  CHECK(group_of(true));
  CHECK_FALSE(group_of(false));
  CHECK(output_of("pwd", {.folder = "/usr"}) == "/usr\n");
  CHECK(output_of("echo $0", {.file = "/bin/bash"}) == "/bin/sh\n");
}

TEST_CASE("spawn: signals are as asked, whatever ours are") {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGUSR1, &ignore, &before);
  sigset_t some, mask;
  sigemptyset(&some);
  sigaddset(&some, SIGUSR2);
  sigprocmask(SIG_BLOCK, &some, &mask);
  const char* script = "grep -E 'SigBlk|SigIgn' /proc/self/status | tr -d '\\n\\t'";
  CHECK(output_of(script) == "SigBlk:0000000000000000SigIgn:0000000000000000");
  CHECK(output_of(script, {.mask = some, .ignored = {SIGHUP}}) == "SigBlk:0000000000000800SigIgn:0000000000000001");
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("spawn: root gives a program to another user") {
  if (geteuid() != 0) return;
  CHECK(output_of("id -u; id -g; id -G", {.owner = Owner{.user = 65534, .groups = {65533, 65532}}}) ==
        "65534\n65533\n65533 65532\n");
}

TEST_CASE("launch: the command has our ignored signals, and SIGCHLD as it was") {
  signal(SIGCHLD, SIG_IGN);
  {
    Launch launch({"grep", "-q", "SigIgn:.*1....$", "/proc/self/status"});
    launch.release();
    CHECK(launch.wait(-1) == 0);
  }
  signal(SIGCHLD, SIG_DFL);
  CHECK_THROWS_WITH(Launch({"no-such-command-here"}), "no-such-command-here: command not found");
}

}  // namespace spawn_test
