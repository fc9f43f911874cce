#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/io.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

Error refused() {
  return Error(ExitStatus::failed, "the source's filesystem does not support O_DIRECT",
               "put the source on a disk filesystem (ext4, xfs), or use another method");
}

/// What offsets, lengths and addresses must be multiples of.
uint64_t direct_alignment(int fd) {
#ifdef STATX_DIOALIGN
  struct statx facts {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) == 0 && (facts.stx_mask & STATX_DIOALIGN) != 0) {
    if (facts.stx_dio_offset_align == 0) throw refused();
    return std::max(facts.stx_dio_offset_align, facts.stx_dio_mem_align);
  }
#endif
  return 4096;  // before Linux 6.1 nobody tells; no disk in use asks for more
}

class DirectIo : public Prepared {
 public:
  explicit DirectIo(const Job& job) : job_(job) {
    // A descriptor cannot be switched to O_DIRECT on every filesystem, but the file can be opened again.
    source_.reset(open(fmt::format("/proc/self/fd/{}", job.source).c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
    if (!source_) throw errno == EINVAL ? refused() : system_error("opening the source with O_DIRECT");
    alignment_ = direct_alignment(source_.get());
    chunk_ = round_up(job.chunk);
    buffer_ = make_buffer(round_up(std::min(job.chunk, job.size)), std::max<uint64_t>(alignment_, 4096));
    if (chunk_ != job.chunk) {
      note = {fmt::format("O_DIRECT needs multiples of {} bytes: the chunk of {} was rounded up to {}", alignment_,
                          job.chunk, chunk_),
              "note_rounded",
              {std::to_string(alignment_), std::to_string(job.chunk), std::to_string(chunk_)}};
    }
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      // The last request asks for whole blocks too; the file's end, or we, cut off the rest.
      const uint64_t left = std::min(chunk_, job_.size - done);
      const ssize_t got = uninterrupted([&] { return read(source_.get(), buffer_.get(), round_up(left)); });
      if (got < 0) throw system_error("reading the source with O_DIRECT");
      const uint64_t usable = std::min(static_cast<uint64_t>(got), left);
      // Only the end of the file can cut a block, and after it no aligned read is possible.
      if (usable == 0 || (usable < left && usable % alignment_ != 0)) throw source_shrank(done + usable, job_.size);
      send_all(job_.sinks[0], buffer_.get(), usable);
      done += usable;
    }
  }

 private:
  uint64_t round_up(uint64_t bytes) const { return (bytes + alignment_ - 1) / alignment_ * alignment_; }

  Job job_;
  Fd source_;
  uint64_t alignment_ = 0, chunk_ = 0;
  Buffer buffer_;
};

const Registration registration({
    .name = "direct_io",
    .summary = "read into a user buffer, bypassing the page cache, then write",
    .calls = "read (O_DIRECT), write",
    .order = 60,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<DirectIo>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
