#include "userspace/capture/probes.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "userspace/capture/bpf_object.h"
#include "userspace/capture/perf_event.h"

namespace zctrace::capture {

namespace {

// Each row has a program, and there are no more programs than rows. It is pointers whose size is meant.
// NOLINTBEGIN(bugprone-sizeof-expression, bugprone-macro-parentheses)
#define HOOK(program, ...) +(sizeof(zctrace_bpf::progs.program) / sizeof(bpf_program*))
constexpr size_t kNoHooks = sizeof(zctrace_bpf::progs.number_processes) / sizeof(bpf_program*);
static_assert(sizeof(zctrace_bpf::progs) / sizeof(bpf_program*) == kNoHooks ZC_HOOKS(HOOK),
              "a program in bpf/ has no row in bpf/hooks.h");
#undef HOOK
// NOLINTEND(bugprone-sizeof-expression, bugprone-macro-parentheses)

constexpr bool provoked = true, unprovoked = false;
constexpr When always{};
constexpr When with(Feature feature) { return {When::Condition{feature, true}, {}}; }
constexpr When without(Feature feature) { return {When::Condition{feature, false}, {}}; }
constexpr When of_both(const When& one, const When& other) { return {one.first, other.first}; }

std::vector<Probe> rows() {
  using enum Feature;
#define HOOK(program, layer, self_test, when, sink) \
  {ZC_P_##program, #program, Layer::layer, self_test, when, Sink::sink, Kind{}, ""},
  return {ZC_HOOKS(HOOK)};
#undef HOOK
}

/// "fexit/filemap_read": how it is attached, and to what.
std::pair<Kind, std::string> attachment(std::string_view section) {
  static constexpr std::pair<std::string_view, Kind> kPrefixes[] = {{"breakpoint/", Kind::breakpoint},
                                                                    {"fentry/", Kind::fentry},
                                                                    {"fexit/", Kind::fexit},
                                                                    {"raw_tp/", Kind::tracepoint},
                                                                    {"tp_btf/", Kind::typed_tracepoint},
                                                                    {"tp/", Kind::perf_tracepoint},
                                                                    {"uprobe/", Kind::uprobe}};
  for (const auto& [prefix, kind] : kPrefixes)
    if (section.starts_with(prefix)) return {kind, std::string(section.substr(section.rfind('/') + 1))};
  throw Error(ExitStatus::failed, "no hook is attached as SEC(\"" + std::string(section) + "\") says");
}

std::vector<Probe> read_probes() {
  const zctrace_bpf* bpf = look_at_bpf_object();
  if (!bpf) throw Error(ExitStatus::failed, std::string("cannot open the BPF object: ") + strerror(errno));
  std::vector<Probe> probes = rows();
  for (Probe& probe : probes) {
    const bpf_program* program = bpf_object__find_program_by_name(bpf->obj, probe.program);
    std::tie(probe.kind, probe.target) = attachment(bpf_program__section_name(program));
  }
  return probes;
}

}  // namespace

const std::vector<Probe>& probes() {
  static const std::vector<Probe> all = read_probes();
  return all;
}

const Probe* find_probe(unsigned id) {
  for (const Probe& probe : probes())
    if (probe.id == id) return &probe;
  return nullptr;
}

std::string name_of(zc_probe id) {
  if (id == ZC_P_MMAP) return "mmap";
  if (id == ZC_P_CLONE) return "FICLONERANGE";
  if (id == ZC_P_VMSPLICE) return "vmsplice";
  if (id == ZC_P_CALL_RESULT) return "sys_exit";
  if (id == ZC_P_PROCESS_VM) return "process_vm_rw";
  if (id == ZC_P_TCP_ZEROCOPY_RECEIVE) return "tcp_zerocopy_receive";
  const Probe* probe = find_probe(id);
  return probe ? probe->target : "";
}

bool is_there(const Probe& probe, const KernelFeatures& kernel) {
  if (!probe.when.holds(kernel)) return false;
  switch (probe.kind) {
    case Kind::breakpoint:
      return kernel.symbols().address(probe.target) != 0;
    case Kind::fentry:
    case Kind::fexit:
      return kernel.symbols().arity(probe.target) >= 0;
    case Kind::tracepoint:
    case Kind::typed_tracepoint:
    case Kind::perf_tracepoint:
      return true;
    case Kind::uprobe:
      return has_uprobes();
  }
  return false;
}

const char* text_of(Kind kind) {
  switch (kind) {
    case Kind::breakpoint:
      return "breakpoint";
    case Kind::fentry:
      return "fentry";
    case Kind::fexit:
      return "fexit";
    case Kind::tracepoint:
    case Kind::typed_tracepoint:
    case Kind::perf_tracepoint:
      return "tracepoint";
    case Kind::uprobe:
      return "uprobe";
  }
  return "";
}

}  // namespace zctrace::capture
