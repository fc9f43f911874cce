#include "userspace/lab/init/init.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

static struct ports ports = {-1, -1, -1, -1, -1};

static void __attribute__((noreturn)) power_off(void) {
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause();
}

void say(int fd, const char* line) {
  size_t left = strlen(line);
  while (left > 0) {
    const ssize_t written = write(fd, line, left);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) {
      line += written;
      left -= (size_t)written;
    }
  }
}

/// The host ends the machine once it has all that was sent; until then what is on its way must not be lost.
static void __attribute__((noreturn)) report_and_wait(const char* line) {
  char ignored[64];
  say(ports.control, line);
  while (read(ports.control, ignored, sizeof ignored) < 0 && errno == EINTR) continue;
  power_off();
}

void fail(const char* format, ...) {
  char text[512] = "error ";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + 6, sizeof text - 7, format, arguments);
  va_end(arguments);
  text[strlen(text)] = '\n'; // the last of the zeros behind "error " ends it
  if (ports.control >= 0) report_and_wait(text);
  fputs(text, stderr);
  power_off();
}

int main(void) {
  start_devices(&ports);
  park(ports.control);
  enter_root();
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  char line[64];
  snprintf(line, sizeof line, "boot %lld\n", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
  say(ports.control, line);
  report_and_wait(serve(&ports));
}
