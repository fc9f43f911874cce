#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userspace/lab/init/init.h"

void become(const struct request* request, int in, int out, int err) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (chdir(request->folder) != 0) {
    dprintf(STDERR_FILENO, "zctrace: cannot enter %s in the guest: %s\n", request->folder, strerror(errno));
    _exit(126);
  }
  environ = request->environment;
  execvp(request->command[0], request->command);
  dprintf(STDERR_FILENO, "zctrace: cannot run %s in the guest: %s\n", request->command[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

/// Reaps all that has ended; returns 1 once the command is among it. `killed`: the status is a signal's number.
static int reap(pid_t command, int* status, int* killed) {
  int ended = 0, word;
  for (pid_t pid; (pid = waitpid(-1, &word, WNOHANG)) > 0;) {
    if (pid != command) continue;
    *killed = !WIFEXITED(word);
    *status = *killed ? WTERMSIG(word) : WEXITSTATUS(word);
    ended = 1;
  }
  return ended;
}

/// "signal NUMBER group" is for the command's whole process group, as from a terminal; "signal NUMBER" for the command
/// alone, which tells the two apart by what sigqueue leaves in it.
static void pass_on(const char* line, pid_t command) {
  int number, end = 0;
  if (sscanf(line, "signal %d%n", &number, &end) != 1) return;
  if (strcmp(line + end, " group") == 0)
    kill(-command, number);
  else
    sigqueue(command, number, (union sigval){0});
}

/// Obeys the lines that have come. Returns 0 when the host is gone.
static int obey(int control, pid_t command) {
  static char line[64];
  static size_t length;
  char bytes[64];
  const ssize_t got = read(control, bytes, sizeof bytes);
  if (got <= 0) return got < 0 && errno == EINTR;
  for (ssize_t i = 0; i < got; i++) {
    if (bytes[i] != '\n') {
      if (length < sizeof line - 1) line[length++] = bytes[i];
      continue;
    }
    line[length] = 0;
    length = 0;
    pass_on(line, command);
  }
  return 1;
}

/// A zctrace that is the command says its end before it takes down what ends with the machine anyway
/// (capture/guest_command.h). Returns 1 once it has.
static int read_signals(int signals, pid_t command, int* status) {
  int ended = 0;
  struct signalfd_siginfo signal;
  while (read(signals, &signal, sizeof signal) > 0) {
    if (signal.ssi_signo != SIGUSR1 || (pid_t)signal.ssi_pid != command) continue;
    *status = signal.ssi_int;
    ended = 1;
  }
  return ended;
}

const char* serve(const struct ports* ports) {
  const struct request request = read_request(ports->control);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigaddset(&children, SIGUSR1);
  sigprocmask(SIG_BLOCK, &children, NULL);
  const int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  // Not on the stack: the input's thread outlives this function.
  static struct stream in, out, err, data;
  start_input(&in, ports->in);
  start_stream(&out, ports->out);
  start_stream(&err, ports->err);
  start_stream_at(&data, ports->data, DATA_PLACE);

  const pid_t command = fork();
  if (command < 0) fail("cannot fork: %s", strerror(errno));
  if (command == 0) become(&request, in.pipe[0], out.pipe[1], err.pipe[1]);
  close(in.pipe[0]);
  close(out.pipe[1]);
  close(err.pipe[1]);

  int status = 0, killed = 0;
  struct pollfd polled[2] = {{signals, POLLIN, 0}, {ports->control, POLLIN, 0}};
  while (!reap(command, &status, &killed)) {
    if (poll(polled, 2, -1) < 0) continue;
    if (read_signals(signals, command, &status)) break;
    if (polled[1].revents && !obey(ports->control, command)) polled[1].fd = -1;
  }
  // Whatever it left running holds the pipes open and ends with the machine anyway.
  kill(-1, SIGKILL);
  close(data.pipe[1]);
  pthread_join(out.thread, NULL);
  pthread_join(err.thread, NULL);
  pthread_join(data.thread, NULL);
  static char line[128];
  snprintf(line, sizeof line, "%s %d %llu %llu %llu\n", killed ? "killed" : "exit", status, out.bytes, err.bytes, data.bytes);
  return line;
}
