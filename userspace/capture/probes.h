#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpf/record.h"
#include "userspace/capture/features.h"

namespace zctrace::capture {

/// By the program's SEC().
enum class Kind {
  breakpoint,       ///< "breakpoint/FUNCTION"
  fentry,           ///< "fentry/FUNCTION"
  fexit,            ///< "fexit/FUNCTION"
  tracepoint,       ///< "raw_tp/NAME"
  typed_tracepoint,  ///< "tp_btf/NAME": the same, and the kernel's types of its arguments are known
  perf_tracepoint,  ///< "tp/CATEGORY/NAME", by perf: bpf/syscall.bpf.c says why
  uprobe,           ///< "uprobe/FUNCTION" of a JVM, attached once one is followed: userspace/capture/jvm.h
};

/// What a hook is for; a capture mode takes whole layers.
enum class Layer {
  leaf,           ///< the routines that copy, through iov_iter
  socket_buffer,  ///< the routines that copy, in the socket-buffer layer
  second_run,     ///< makes the runs that the kernel skips of the next hook; the self-test sees it come second
  frame,          ///< gives those their owner and reason
  sum,            ///< results of the leaves' callers
  announced,      ///< what the sum is about to count, where the kernel skips no run: of built-in transfers
  reference,      ///< pages passed along
  call,           ///< tracepoints: system calls
  fault,          ///< page faults
  sched,          ///< context switches
  softirq,        ///< softirqs
  disk,           ///< block requests
  transmit,       ///< packets handed to a network device
  receiver,       ///< the receiver's copies where no leaf can be seen
  process,        ///< tracepoints: a followed program's children and ends
  request,        ///< requests of io_uring and libaio, as they are worked on
  completion,     ///< tracepoint: as they end
  submission,     ///< the same as they are submitted, where their work cannot be seen
  memory_disk,    ///< pages that followed programs' reads take from a disk that is memory
  rename,         ///< files that followed programs give another name
  tls,            ///< kernel TLS
  jvm,            ///< copies that a traced JVM makes itself
};

/// What a sender writes to. There are four breakpoints: a leaf that only one of these needs is watched for it alone.
enum class Sink { any, pipe, other };

/// On which kernels a hook is used: on all, or where a feature is present, or where it is not; a second one may be asked
/// for as well.
struct When {
  struct Condition {
    Feature feature;
    bool present;
  };
  std::optional<Condition> first, second;
  template <class Kernel>
  bool holds(const Kernel& kernel) const {
    const auto met = [&](const auto& condition) {
      return !condition || kernel.has(condition->feature) == condition->present;
    };
    return met(first) && met(second);
  }
};

/// One hook: a row of bpf/hooks.h, with what its program's SEC() says.
struct Probe {
  zc_probe id;
  const char* program;  ///< in the BPF object
  Layer layer;
  bool provoked;  ///< the self-test must see it fire
  When when;
  Sink sink;
  Kind kind;
  std::string target;  ///< kernel function or tracepoint
};

const std::vector<Probe>& probes();
/// Null for numbers that are no hook's.
const Probe* find_probe(unsigned id);
/// The kernel function that a copy is attributed to.
std::string name_of(zc_probe id);
const char* text_of(Kind kind);
/// Does the kernel have what the hook is set on, and is it for this kernel?
bool is_there(const Probe& probe, const KernelFeatures& kernel);

}  // namespace zctrace::capture
