#include "userspace/capture/bpf_object.h"

#include <cstring>

namespace zctrace::capture {

zctrace_bpf* open_bpf_object() {
  zctrace_bpf* bpf = zctrace_bpf__open();
  if (!bpf) return nullptr;
  bpf_program* program;
  bpf_object__for_each_program(program, bpf->obj) {
    if (strncmp(bpf_program__section_name(program), "breakpoint/", strlen("breakpoint/")) == 0)
      bpf_program__set_type(program, BPF_PROG_TYPE_PERF_EVENT);
  }
  bpf_map__set_autocreate(bpf->maps.tasks, false);
  return bpf;
}

}  // namespace zctrace::capture
