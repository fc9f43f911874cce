#include "userspace/capture/bpf_object.h"

#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

extern "C" const char zctrace_bpf_object_begin[], zctrace_bpf_object_end[];

namespace {

/// Wanted while it is opened only.
std::vector<char> unpacked;

struct Destroy {
  void operator()(zctrace_bpf* bpf) const { zctrace_bpf__destroy(bpf); }
};
std::unique_ptr<zctrace_bpf, Destroy> looked_at;

}  // namespace

const void* zctrace_bpf__elf_bytes(size_t* size) {
  *size = unpacked.size();
  return unpacked.data();
}

namespace zctrace::capture {

zctrace_bpf* open_bpf_object() {
  if (looked_at) return looked_at.release();
  const auto packed = static_cast<size_t>(zctrace_bpf_object_end - zctrace_bpf_object_begin);
  unpacked.resize(ZSTD_getFrameContentSize(zctrace_bpf_object_begin, packed));
  if (ZSTD_isError(ZSTD_decompress(unpacked.data(), unpacked.size(), zctrace_bpf_object_begin, packed))) {
    errno = EINVAL;
    return nullptr;
  }
  zctrace_bpf* bpf = zctrace_bpf__open();
  const int error = errno;
  std::vector<char>().swap(unpacked);
  errno = error;
  if (!bpf) return nullptr;
  bpf_program* program;
  bpf_object__for_each_program(program, bpf->obj) {
    if (strncmp(bpf_program__section_name(program), "breakpoint/", strlen("breakpoint/")) == 0)
      bpf_program__set_type(program, BPF_PROG_TYPE_PERF_EVENT);
  }
  bpf_map__set_autocreate(bpf->maps.tasks, false);
  return bpf;
}

const zctrace_bpf* look_at_bpf_object() {
  if (!looked_at) looked_at.reset(open_bpf_object());
  return looked_at.get();
}

}  // namespace zctrace::capture
