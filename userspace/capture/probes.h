#pragma once

#include <vector>

#include "bpf/record.h"

namespace zctrace::capture {

enum class Kind {
  breakpoint,
  fentry,
  fexit,
  tracepoint,       ///< raw
  perf_tracepoint,  ///< of raw_syscalls, by perf: bpf/syscall.bpf.c says why
};

/// What a hook is for; a capture mode takes whole layers.
enum class Layer {
  leaf,           ///< the routines that copy, through iov_iter
  socket_buffer,  ///< the routines that copy, in the socket-buffer layer
  frame,          ///< gives those their owner and reason
  sum,            ///< results of the leaves' callers
  reference,      ///< pages passed along
  event,          ///< tracepoints: calls, faults, switches, disk, transmit
  receiver,       ///< the receiver's copies where no leaf can be seen
  process,        ///< tracepoints: a followed program's children and ends
  direct,         ///< direct I/O of followed programs that no system call tells of
};

/// What a sender writes to. There are four breakpoints: a leaf that only one of these needs is watched for it alone.
enum class Sink { any, pipe, other };

/// One hook: a row of the table. To add one: a row here, a zc_probe in bpf/record.h, a function in bpf/.
struct Probe {
  zc_probe id;
  const char* program;  ///< in the BPF object
  Kind kind;
  const char* target;  ///< kernel function or tracepoint
  Layer layer;
  bool provoked;          ///< the self-test must see it fire
  const char* only_with;  ///< taken only where this kernel function exists too ("" = always)
  const char* not_with;   ///< left out where this kernel function exists
  Sink sink = Sink::any;
};

const std::vector<Probe>& probes();
const char* name_of(zc_probe id);
const char* text_of(Kind kind);

}  // namespace zctrace::capture
