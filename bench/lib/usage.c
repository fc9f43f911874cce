/* What a command takes, to its end: usage RESULT COMMAND...
 *
 * RESULT gets "wall_ns cpu_ns peak_bytes": of the command and of the children that it waited for; the peak is that of
 * the largest process. A program of its own because the kernel counts the memory that a process had before it executed
 * a command as that command's: Python's would be in each figure. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long ns(struct timeval time) { return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL; }

int main(int count, char** arguments) {
  if (count < 3) return 2;
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  const pid_t child = fork();
  if (child == 0) {
    execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    _exit(127);
  }
  /* Who ends the group waits for us: we end after the command. */
  signal(SIGTERM, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  int status;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
    perror("usage");
    return 1;
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  FILE* out = fopen(arguments[1], "w");
  if (!out) {
    perror(arguments[1]);
    return 1;
  }
  fprintf(out, "%lld %lld %lld\n", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec,
          ns(usage.ru_utime) + ns(usage.ru_stime), usage.ru_maxrss * 1024LL);
  fclose(out);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
