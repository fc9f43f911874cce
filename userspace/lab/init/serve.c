#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userspace/lab/init/init.h"

#define LONGEST_REQUEST (16u << 20)
#define PIPE_BYTES (1 << 20)

struct request {
  char** command;
  char* folder;
  char** environment;
};

/// One of the command's two streams. The command gets a pipe, not the port itself: a port opens once only, and
/// programs do open /dev/stdout.
struct stream {
  int pipe[2];
  int port;
  unsigned long long bytes;
  pthread_t thread;
};

static void read_exactly(int fd, char* to, size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = read(fd, to, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("the request is cut short");
    to += got;
    bytes -= (size_t)got;
  }
}

static char* next_field(char** at, const char* end) {
  char* field = *at;
  if (field >= end) fail("the request lacks a field");
  *at += strlen(field) + 1;
  return field;
}

static char** next_list(char** at, const char* end) {
  const unsigned long count = strtoul(next_field(at, end), NULL, 10);
  if (count > (unsigned long)(end - *at)) fail("the request lacks fields");
  char** list = calloc(count + 1, sizeof *list);
  if (!list) fail("no memory for the request");
  for (unsigned long i = 0; i < count; i++) list[i] = next_field(at, end);
  return list;
}

static struct request read_request(int control) {
  char length[16] = "";
  for (size_t i = 0; i < sizeof length - 1; i++) {
    read_exactly(control, &length[i], 1);
    if (length[i] == '\n') break;
  }
  const unsigned long bytes = strtoul(length, NULL, 10);
  if (bytes == 0 || bytes > LONGEST_REQUEST) fail("the request is %lu bytes long", bytes);
  char* fields = malloc(bytes + 1);
  if (!fields) fail("no memory for the request");
  read_exactly(control, fields, bytes);
  fields[bytes] = 0;
  char* at = fields;
  struct request request;
  request.command = next_list(&at, fields + bytes);
  request.folder = next_field(&at, fields + bytes);
  request.environment = next_list(&at, fields + bytes);
  if (!request.command[0]) fail("the request names no command");
  return request;
}

static void* pump(void* argument) {
  struct stream* stream = argument;
  for (;;) {
    // A port's splice returns 0 for an empty pipe: only poll tells "nothing yet" from "the end".
    struct pollfd polled = {stream->pipe[0], POLLIN, 0};
    if (poll(&polled, 1, -1) < 0) continue;
    if (!(polled.revents & POLLIN)) return NULL;
    const ssize_t moved = splice(stream->pipe[0], NULL, stream->port, NULL, PIPE_BYTES, SPLICE_F_MOVE);
    if (moved < 0 && errno != EINTR && errno != EAGAIN) return NULL;
    if (moved > 0) stream->bytes += (unsigned long long)moved;
  }
}

static void start_stream(struct stream* stream, int port) {
  stream->port = port;
  if (pipe2(stream->pipe, O_CLOEXEC) != 0) fail("cannot make a pipe: %s", strerror(errno));
  fcntl(stream->pipe[0], F_SETPIPE_SZ, PIPE_BYTES);
  if (pthread_create(&stream->thread, NULL, pump, stream) != 0) fail("cannot start a thread");
}

static void __attribute__((noreturn)) become(const struct request* request, int out, int err) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  const int in = open("/dev/null", O_RDWR);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (in > STDERR_FILENO) close(in);
  if (chdir(request->folder) != 0) {
    dprintf(STDERR_FILENO, "zctrace: cannot enter %s in the guest: %s\n", request->folder, strerror(errno));
    _exit(126);
  }
  environ = request->environment;
  execvp(request->command[0], request->command);
  dprintf(STDERR_FILENO, "zctrace: cannot run %s in the guest: %s\n", request->command[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

/// Reaps all that has ended; returns 1 once the command is among it.
static int reap(pid_t command, int* status) {
  int ended = 0, word;
  for (pid_t pid; (pid = waitpid(-1, &word, WNOHANG)) > 0;) {
    if (pid != command) continue;
    *status = WIFEXITED(word) ? WEXITSTATUS(word) : 128 + WTERMSIG(word);
    ended = 1;
  }
  return ended;
}

/// Obeys the lines that have come; the group gets the signal, as from a terminal. Returns 0 when the host is gone.
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
    if (strcmp(line, "interrupt") == 0) kill(-command, SIGINT);
    if (strcmp(line, "terminate") == 0) kill(-command, SIGTERM);
  }
  return 1;
}

const char* serve(const struct ports* ports) {
  const struct request request = read_request(ports->control);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, NULL);
  const int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  struct stream out = {.bytes = 0}, err = {.bytes = 0};
  start_stream(&out, ports->out);
  start_stream(&err, ports->err);

  const pid_t command = fork();
  if (command < 0) fail("cannot fork: %s", strerror(errno));
  if (command == 0) become(&request, out.pipe[1], err.pipe[1]);
  close(out.pipe[1]);
  close(err.pipe[1]);

  int status = 0;
  struct pollfd polled[2] = {{signals, POLLIN, 0}, {ports->control, POLLIN, 0}};
  while (!reap(command, &status)) {
    if (poll(polled, 2, -1) < 0) continue;
    struct signalfd_siginfo ignored;
    while (read(signals, &ignored, sizeof ignored) > 0) continue;
    if (polled[1].revents && !obey(ports->control, command)) polled[1].fd = -1;
  }
  // Whatever it left running holds the pipes open and ends with the machine anyway.
  kill(-1, SIGKILL);
  pthread_join(out.thread, NULL);
  pthread_join(err.thread, NULL);
  static char line[96];
  snprintf(line, sizeof line, "exit %d %llu %llu\n", status, out.bytes, err.bytes);
  return line;
}
