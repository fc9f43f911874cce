#include "base/standard_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace zctrace {

namespace {

int first_error = 0;

/// Standard output has failed, maybe a while ago: `last` may be of another call since.
int why_not_written(int last) {
  if ((fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY) return EBADF;  // it was closed
  constexpr std::array kOfWriting{ENOSPC, EDQUOT, EFBIG, EPIPE, EBADF};
  return std::ranges::find(kOfWriting, last) == kOfWriting.end() ? EIO : last;
}

}  // namespace

void flush_standard_output() {
  if ((std::fflush(stdout) != 0 || std::ferror(stdout)) && first_error == 0) first_error = why_not_written(errno);
}

int standard_output_error() {
  flush_standard_output();
  return first_error;
}

}  // namespace zctrace
