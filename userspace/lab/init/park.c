#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "userspace/lab/init/init.h"

#define SEED_BYTES 32

/// Guests that start from one state would otherwise draw the same random numbers.
static void seed(const unsigned char* bytes) {
  _Alignas(struct rand_pool_info) char memory[sizeof(struct rand_pool_info) + SEED_BYTES];
  struct rand_pool_info* entropy = (struct rand_pool_info*)memory;
  entropy->entropy_count = 8 * SEED_BYTES;
  entropy->buf_size = SEED_BYTES;
  memcpy(entropy->buf, bytes, SEED_BYTES);
  const int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || ioctl(fd, RNDADDENTROPY, entropy) != 0 || ioctl(fd, RNDRESEEDCRNG) != 0)
    fail("cannot seed the random numbers: %s", strerror(errno));
  close(fd);
}

static void read_line_of(int control, char* line, size_t size) {
  size_t length = 0;
  for (; length < size - 1; length++)
    if (!read_exactly(control, &line[length], 1) || line[length] == '\n') break;
  line[length] = 0;
}

void park(int control) {
  char line[160];
  say(control, "parked\n");
  read_line_of(control, line, sizeof line);
  if (strcmp(line, "prepare") == 0) {
    prepare(control);
    say(control, "prepared\n");
    read_line_of(control, line, sizeof line);
  }
  long long seconds;
  long nanoseconds;
  char digits[2 * SEED_BYTES + 1];
  if (sscanf(line, "go %lld %ld %64s", &seconds, &nanoseconds, digits) != 3 || strlen(digits) != 2 * SEED_BYTES)
    fail("the host's word to go on is garbled");
  unsigned char bytes[SEED_BYTES];
  for (size_t i = 0; i < SEED_BYTES; i++)
    if (sscanf(digits + 2 * i, "%2hhx", &bytes[i]) != 1) fail("the host's random bytes are garbled");
  const struct timespec now = {seconds, nanoseconds};
  if (clock_settime(CLOCK_REALTIME, &now) != 0) fail("cannot set the time of day: %s", strerror(errno));
  seed(bytes);
}
