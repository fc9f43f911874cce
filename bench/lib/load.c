/* The work that is traced: load LOAD CHUNK SECONDS SOURCE RESULT [PROCESSES]
 *
 * LOAD is getppid, pair (read + write), sendfile or splice, of CHUNK bytes from SOURCE to a TCP socket on loopback. The
 * same thread takes what it sent off the other end, 64 KiB at a time and without a copy: no second thread whose wake-ups
 * would be in the figure. RESULT gets "operations cpu_ns wall_ns": of all processes, of all, and of the longest. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TAKEN = 64 << 10, SOURCE_BYTES = 16 << 20, MOST_PROCESSES = 256 };

struct result {
  uint64_t operations, cpu_ns, wall_ns;
};

static int source, ours, theirs, pipe_ends[2];
static size_t chunk;
static off_t at;
static char buffer[TAKEN];

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static uint64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void connect_pair(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  ours = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || ours < 0 || bind(listener, (struct sockaddr*)&address, length) || listen(listener, 1) ||
      getsockname(listener, (struct sockaddr*)&address, &length) || connect(ours, (struct sockaddr*)&address, length) ||
      (theirs = accept(listener, NULL, NULL)) < 0 || setsockopt(ours, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes))
    fail("load: a connection on loopback");
  close(listener);
}

static void check(ssize_t moved) {
  if (moved != (ssize_t)chunk) fail("load: not all bytes were moved");
}

static void take(void) {
  static size_t sent;
  sent += chunk;
  at = (at + (off_t)chunk) % SOURCE_BYTES;
  if (sent < TAKEN) return;
  while (sent) {
    const ssize_t taken = recv(theirs, buffer, sent, MSG_TRUNC);
    if (taken <= 0) fail("load: receiving");
    sent -= (size_t)taken;
  }
}

static void do_getppid(void) { syscall(SYS_getppid); }

static void do_pair(void) {
  check(pread(source, buffer, chunk, at));
  check(write(ours, buffer, chunk));
  take();
}

static void do_sendfile(void) {
  off_t from = at;
  check(sendfile(ours, source, &from, chunk));
  take();
}

static void do_splice(void) {
  off_t from = at;
  check(splice(source, &from, pipe_ends[1], NULL, chunk, 0));
  check(splice(pipe_ends[0], NULL, ours, NULL, chunk, 0));
  take();
}

static struct result repeat(void (*operation)(void), double seconds) {
  for (int i = 0; i < 64; i++) operation(); /* caches, branches, TCP's window */
  struct result done = {0};
  const uint64_t cpu = now(CLOCK_THREAD_CPUTIME_ID), begin = now(CLOCK_MONOTONIC);
  do {
    for (int i = 0; i < 32; i++) operation();
    done.operations += 32;
    done.wall_ns = now(CLOCK_MONOTONIC) - begin;
  } while ((double)done.wall_ns < seconds * 1e9);
  done.cpu_ns = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
  return done;
}

int main(int count, char** arguments) {
  const struct {
    const char* name;
    void (*operation)(void);
  } loads[] = {{"getppid", do_getppid}, {"pair", do_pair}, {"sendfile", do_sendfile}, {"splice", do_splice}};
  if (count < 6) return 2;
  chunk = strtoul(arguments[2], NULL, 10);
  const double seconds = atof(arguments[3]);
  const int processes = count > 6 ? atoi(arguments[6]) : 1;
  void (*operation)(void) = NULL;
  for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
    if (!strcmp(arguments[1], loads[i].name)) operation = loads[i].operation;
  if (!operation || chunk > TAKEN || processes < 1 || processes > MOST_PROCESSES) return 2;
  if ((source = open(arguments[4], O_RDONLY)) < 0) fail("load: the source");

  struct result* results = mmap(NULL, MOST_PROCESSES * sizeof *results, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (results == MAP_FAILED) fail("load: memory");
  for (int i = 0; i < processes; i++) {
    /* The last one is ourselves: a tracer that follows no children sees a load of one process. */
    const pid_t child = i < processes - 1 ? fork() : 0;
    if (child < 0) fail("load: fork");
    if (child) continue;
    connect_pair();
    if (pipe(pipe_ends)) fail("load: a pipe");
    results[i] = repeat(operation, seconds);
    if (i < processes - 1) _exit(0);
  }
  for (int i = 0, status; i < processes - 1; i++)
    if (wait(&status) < 0 || status) return 1;
  struct result sum = {0};
  for (int i = 0; i < processes; i++) {
    sum.operations += results[i].operations;
    sum.cpu_ns += results[i].cpu_ns;
    if (results[i].wall_ns > sum.wall_ns) sum.wall_ns = results[i].wall_ns;
  }
  FILE* out = fopen(arguments[5], "w");
  if (!out) fail("load: the result");
  fprintf(out, "%lu %lu %lu\n", sum.operations, sum.cpu_ns, sum.wall_ns);
  return fclose(out) != 0;
}
