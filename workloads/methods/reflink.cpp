#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "workloads/file/disk.h"
#include "workloads/file/unlinked_file.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

/// The first `size` bytes of the file, in one call: its blocks become the sink's too. Blocks are shared whole, so what
/// the last one has beyond that is cut off again.
void share(int source, int sink, uint64_t size) {
  struct stat facts {};
  if (fstat(source, &facts) < 0) throw system_error("asking about the source");
  const uint64_t whole = static_cast<uint64_t>(facts.st_size), block = static_cast<uint64_t>(facts.st_blksize);
  if (size > whole) throw source_shrank(whole, size);
  const uint64_t rounded = (size + block - 1) / block * block;
  file_clone_range range{
      .src_fd = source, .src_offset = 0, .src_length = rounded < whole ? rounded : 0, .dest_offset = 0};
  if (uninterrupted([&] { return ioctl(sink, FICLONERANGE, &range); }) < 0)
    throw system_error("sharing the source's blocks");
  if (size != (rounded < whole ? rounded : whole) && ftruncate(sink, static_cast<off_t>(size)) < 0)
    throw system_error("cutting the sink to its size");
}

class Reflink : public Prepared {
 public:
  explicit Reflink(const Job& job) : job_(job) {}
  void transfer() override { share(job_.source, job_.sinks[0], job_.size); }

 private:
  Job job_;
};

std::optional<Missing> missing_in(const std::string& directory) {
  const Fd source = create_unlinked(directory, 1), sink = create_unlinked(directory, 1);
  if (pwrite(source.get(), "r", 1, 0) != 1) throw system_error("writing to " + directory);
  if (ioctl(sink.get(), FICLONE, source.get()) == 0) return {};
  return Missing{find_disk(source.get(), 1).filesystem + " in " + directory + " cannot share blocks between files",
                 "give a directory on btrfs or xfs: --workdir DIR"};
}

const Registration reflink_registration({
    .name = "reflink",
    .summary = "share the file's blocks with another file: no byte is moved",
    .calls = "ioctl (FICLONERANGE)",
    .order = 81,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<Reflink>(job); },
    .missing_in = missing_in,
    .paths = to_file,
});

}  // namespace
}  // namespace zctrace::workloads
