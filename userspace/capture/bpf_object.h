#pragma once

#include "bpf/record.h"  // what the skeleton speaks of
#include "zctrace.skel.h"

namespace zctrace::capture {

/// Opens the embedded BPF object, not yet loaded; zctrace_bpf__destroy() closes it. Its SEC("breakpoint/FUNCTION"),
/// which libbpf does not know, are given their type; maps that older kernels do not know are not made unless told to.
/// Null, with errno, where it cannot be opened. Not for two threads at once.
zctrace_bpf* open_bpf_object();

/// The same, for a look at it: whoever opens one next is given this one.
const zctrace_bpf* look_at_bpf_object();

}  // namespace zctrace::capture
