#include "workloads/methods/splice_steps.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace zctrace::workloads {

bool is_pipe(int fd) {
  struct stat facts {};
  return fstat(fd, &facts) == 0 && S_ISFIFO(facts.st_mode);
}

uint64_t file_to_pipe(const Job& job, uint64_t done, int pipe) {
  const size_t wanted = std::min(job.chunk, job.size - done);
  const ssize_t got =
      uninterrupted([&] { return splice(job.source, nullptr, pipe, nullptr, wanted, SPLICE_F_MOVE | SPLICE_F_MORE); });
  if (got < 0) throw system_error("splice from the source");
  if (got == 0) throw source_shrank(done, job.size);
  return static_cast<uint64_t>(got);
}

void pipe_to_sink(const Pipe& pipe, int sink, uint64_t bytes, bool last) {
  // SPLICE_F_MORE on the last bytes would make TCP hold them back for 200 ms.
  const unsigned flags = SPLICE_F_MOVE | (last ? 0U : SPLICE_F_MORE);
  while (bytes > 0) {
    const ssize_t moved = uninterrupted([&] { return splice(pipe.out.get(), nullptr, sink, nullptr, bytes, flags); });
    if (moved < 0) throw system_error("splice to the sink");
    if (moved == 0) throw Error(ExitStatus::failed, "splice to the sink: the pipe became empty too early");
    bytes -= static_cast<uint64_t>(moved);
  }
}

}  // namespace zctrace::workloads
