#include "userspace/capture/capabilities.h"

#include <bpf/libbpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "userspace/capture/perf_event.h"
#include "zctrace.skel.h"

namespace zctrace::capture {

namespace {

/// Loads and attaches one program of the object; the reason why not.
Message try_program(const char* name) {
  libbpf_set_print([](libbpf_print_level, const char*, va_list) { return 0; });
  zctrace_bpf* bpf = zctrace_bpf__open();
  if (!bpf) return message_of_errno(errno);
  bpf_program* program;
  bpf_object__for_each_program(program, bpf->obj)
      bpf_program__set_autoload(program, strcmp(bpf_program__name(program), name) == 0);
  bpf_map__set_max_entries(bpf->maps.records, static_cast<uint32_t>(getpagesize()));
  Message reason;
  if (const int error = zctrace_bpf__load(bpf)) {
    reason = message_of_errno(-error);
  } else {
    bpf_link* link = bpf_program__attach(bpf_object__find_program_by_name(bpf->obj, name));
    if (!link) reason = message_of_errno(errno);
    bpf_link__destroy(link);
  }
  zctrace_bpf__destroy(bpf);
  return reason;
}

Message try_breakpoint(const KernelSymbols& symbols) {
  const uint64_t address = symbols.address("_copy_to_iter");
  if (!address) return message(Text::reason_no_address);
  const int event = open_breakpoint(0, -1, address);
  if (event < 0) return message_of_errno(errno);
  close(event);
  return {};
}

Capabilities find_capabilities(const KernelSymbols& symbols) {
  Capabilities found;
  if (!symbols.has_btf()) found.btf = message(Text::reason_no_btf);
  // Where fentry works, tracepoints do: one load instead of two.
  found.fentry = symbols.has_btf() ? try_program("enter_pskb_pull_tail") : found.btf;
  if (!found.fentry.empty()) found.tracepoints = symbols.has_btf() ? try_program("page_fault_user") : found.btf;
  found.breakpoints = try_breakpoint(symbols);
  return found;
}

}  // namespace

const RunningKernel& running_kernel() {
  static const struct Looked : RunningKernel {
    Looked() { capabilities = find_capabilities(symbols); }
  } kernel;
  return kernel;
}

}  // namespace zctrace::capture
