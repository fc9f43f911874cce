/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "kernel.h"
#include "kernel_net.h"
#include "kernel_disk.h"

#include "constants.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "record.h"

#include "traced.h"

#include "call_state.h"

#include "maps.h"

#include "settings.h"

#include "common.h"

#include "place.h"

#include "sent.h"

#include "flow.h"

#include "calls.h"

#include "namespace.h"

#include "follow.h"
#include "stack.h"

#include "ledger.h"

#include "clock.h"

#include "conservation.h"
#include "cipher.h"
#include "ranges.h"
#include "memory.h"
#include "content.h"
#include "refused.h"
#include "attribute.h"

#include "decode_call.h"

#include "moved.h"

#include "syscall.bpf.c"

#include "copy.bpf.c"

#include "sum.bpf.c"

#include "reference.bpf.c"

#include "tls.bpf.c"

#include "skb.bpf.c"

#include "sched.bpf.c"

#include "fault.bpf.c"

#include "disk_kind.h"

#include "disk.bpf.c"

#include "bio.bpf.c"

#include "net.bpf.c"

#include "namespace.bpf.c"

#include "process.bpf.c"

#include "request.bpf.c"

#include "aio.bpf.c"

#include "uring.bpf.c"

#include "jvm.bpf.c"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
