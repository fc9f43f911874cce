#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/lab/init/init.h"

#define PIPE_BYTES (1 << 20)

int read_exactly(int fd, char* to, size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = read(fd, to, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    to += got;
    bytes -= (size_t)got;
  }
  return 1;
}

/// 0 where nobody reads it any more.
static int write_all(int fd, const char* from, size_t bytes) {
  while (bytes > 0) {
    const ssize_t written = write(fd, from, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return 0;
    from += written;
    bytes -= (size_t)written;
  }
  return 1;
}

static void* pass_out(void* argument) {
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

static void* pass_in(void* argument) {
  struct stream* stream = argument;
  static char piece[1 << 16];
  uint32_t left;
  // Once nobody reads it the rest stays with the host.
  while (read_exactly(stream->port, (char*)&left, sizeof left) && left > 0)
    for (size_t now; left > 0; left -= (uint32_t)now) {
      now = left < sizeof piece ? left : sizeof piece;
      if (!read_exactly(stream->port, piece, now) || !write_all(stream->pipe[1], piece, now)) return NULL;
    }
  close(stream->pipe[1]);
  return NULL;
}

static void start(struct stream* stream, int port, void* (*pass)(void*)) {
  stream->port = port;
  fcntl(stream->pipe[0], F_SETPIPE_SZ, PIPE_BYTES);
  if (pthread_create(&stream->thread, NULL, pass, stream) != 0) fail("cannot start a thread");
}

static void make_pipe(struct stream* stream) {
  if (pipe2(stream->pipe, O_CLOEXEC) != 0) fail("cannot make a pipe: %s", strerror(errno));
}

void start_stream(struct stream* stream, int port) {
  make_pipe(stream);
  start(stream, port, pass_out);
}

void start_stream_at(struct stream* stream, int port, const char* place) {
  if (mkfifo(place, 0600) != 0) fail("cannot make %s: %s", place, strerror(errno));
  // In this order neither waits for the other.
  stream->pipe[0] = open(place, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  stream->pipe[1] = open(place, O_WRONLY | O_CLOEXEC);
  if (stream->pipe[0] < 0 || stream->pipe[1] < 0) fail("cannot open %s: %s", place, strerror(errno));
  start(stream, port, pass_out);
}

void start_input(struct stream* stream, int port) {
  make_pipe(stream);
  start(stream, port, pass_in);
}
