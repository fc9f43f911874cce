#include "workloads/methods/direct_source.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/io.h"

namespace zctrace::workloads {
namespace {

Error refused() {
  return Error(ExitStatus::failed, "the source's filesystem does not support O_DIRECT",
               "put the source on a disk filesystem (ext4, xfs), or use another method");
}

/// A descriptor cannot be switched to O_DIRECT on every filesystem, but the file can be opened again.
Fd open_direct(int source) {
  Fd opened(open(fmt::format("/proc/self/fd/{}", source).c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
  if (!opened) throw errno == EINVAL ? refused() : system_error("opening the source with O_DIRECT");
  return opened;
}

uint64_t alignment_of(int fd) {
#ifdef STATX_DIOALIGN
  struct statx facts {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) == 0 && (facts.stx_mask & STATX_DIOALIGN) != 0) {
    if (facts.stx_dio_offset_align == 0) throw refused();
    return std::max(facts.stx_dio_offset_align, facts.stx_dio_mem_align);
  }
#endif
  return 4096;  // before Linux 6.1 nobody tells; no disk in use asks for more
}

}  // namespace

DirectSource::DirectSource(const Job& job)
    : fd(open_direct(job.source)), size(job.size), alignment(alignment_of(fd.get())), chunk(round_up(job.chunk)) {
  if (chunk == job.chunk) return;
  notes.push_back({fmt::format("O_DIRECT needs multiples of {} bytes: the chunk of {} was rounded up to {}", alignment,
                               job.chunk, chunk),
                   "note_rounded",
                   {std::to_string(alignment), std::to_string(job.chunk), std::to_string(chunk)}});
}

void DirectSource::check_short(uint64_t done) const {
  if (done % alignment != 0) throw source_shrank(done, size);
}

}  // namespace zctrace::workloads
