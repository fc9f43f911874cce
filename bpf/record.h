/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contract between the BPF programs and userspace. Times are bpf_ktime_get_ns(), sizes are bytes. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "flow_record.h"
#include "hooks.h"

enum zc_role { ZC_SENDER, ZC_RECEIVER, ZC_ROLES };

/* Mirrored by the document's enums: userspace/capture/mirrored.h. So are zc_role and the enums below that say so. */
enum zc_end {
  ZC_DISK,
  ZC_PAGE_CACHE,
  ZC_USER_BUFFER,
  ZC_PIPE,
  ZC_SOCKET_BUFFER,
  ZC_NIC,
  ZC_FILE,
};
/* TRANSFORM: the CPU reads bytes and writes others, as a cipher does: neither a copy nor a reference. */
enum zc_mover { ZC_CPU, ZC_DMA, ZC_REFERENCE, ZC_TRANSFORM };
enum zc_context { ZC_SYSCALL, ZC_SOFTIRQ, ZC_WORKER };

/* How a byte was counted. LEAF: seen at the routine that moves it. SUM: the result of a caller of such routines.
 * EVENT: not a CPU copy. INFERRED: from the result of a system call, nothing else was to be seen. */
enum zc_mechanism { ZC_LEAF, ZC_SUM, ZC_EVENT, ZC_INFERRED };

/* Mirrored: timeline::EventKind. */
enum zc_kind {
  ZC_K_SYSCALL,
  ZC_K_COPY,
  ZC_K_FAULT,
  ZC_K_OFF_CPU,
  ZC_K_SOFTIRQ,
  ZC_K_DISK,
  ZC_K_TRANSMIT,
  ZC_K_MARK,
  ZC_KINDS
};

enum zc_mark { ZC_M_BEGIN, ZC_M_END, ZC_M_DRAINED, ZC_M_RECEIVED };

/* Sums that are not copies; one array per role. */
enum zc_sum {
  ZC_S_USER_FAULTS,
  ZC_S_KERNEL_FAULTS,
  ZC_S_VOLUNTARY,
  ZC_S_INVOLUNTARY,
  ZC_S_ON_CPU_NS,       /* between its gate and its end */
  ZC_S_SCHED_IN_UNSEEN, /* sched_switch reported a thread's switch out of a CPU only */
  ZC_S_SOFTIRQS,
  ZC_S_DISK_REQUESTS,
  ZC_S_DISK_BYTES,       /* in the payload's extents */
  ZC_S_DISK_OTHER_BYTES, /* file system metadata, neighbours in one request */
  ZC_S_PACKETS,
  ZC_S_LINEAR, /* payload in the skb's linear part */
  ZC_S_PAGED,  /* payload in page fragments */
  ZC_S_HEADERS,
  ZC_S_UNLEDGERED,         /* copies that found no place in the ledger map: makes the run fail */
  ZC_S_UNTRACKED,          /* system calls that found no place in the call map */
  ZC_S_FRAMES_LOST,        /* nested deeper than the shadow stack */
  ZC_S_OWNERLESS_BYTES,    /* copied in buffers without a socket, which no frame told: whose they are is unknown */
  ZC_S_UNATTRIBUTED_BYTES, /* copied by the CPU in no known flow */
  ZC_S_UNATTRIBUTED_COPIES,
  ZC_S_DROPPED_CALLS, /* of flows that found no room in the map */
  ZC_S_DROPPED_BYTES,
  ZC_S_UNFOLLOWED, /* child processes that found no room in the map */
  ZC_S_WRITE_REQUESTS,      /* with bytes that a traced program wrote */
  ZC_S_WRITTEN_BYTES,       /* of them, by a device's DMA */
  ZC_S_UNSEEN_DISK_BYTES,   /* of disks without hardware, whose drivers move them where no hook is */
  ZC_S_WRITERS_LOST,        /* files that found no room in the map of writers */
  ZC_S_SOCKETS_LOST,        /* calls on a socket that found no room in the map of sockets */
  ZC_S_NAMES_LOST,          /* times a place's name found none */
  ZC_S_RANGES_LOST_BYTES,   /* read into a range of memory that found none */
  ZC_S_TO_ARRAY_BYTES,      /* copied by a JVM itself: from native memory into an array */
  ZC_S_TO_ARRAY_COPIES,
  ZC_S_FROM_ARRAY_BYTES,    /* and the other way */
  ZC_S_FROM_ARRAY_COPIES,
  ZC_S_OTHERS,              /* processes that were let go, for they got rights that are not the tracing user's */
  ZC_S_STACKS_LOST,         /* times a stack found no room in the map, or was overwritten while it was taken */
  ZC_SUMS
};

/* Counts, in slots which the processors beyond the last one share. */
#define ZC_COUNTER_SLOTS 64
struct zc_counters {
  __u64 sums[ZC_ROLES][ZC_SUMS];
  __u64 lost[ZC_KINDS];
  __u64 left_out[ZC_KINDS]; /* outside the detail window */
} __attribute__((aligned(64))); /* each with cache lines of its own */

/* A block request that has been issued and not yet completed; times in ns, sizes in bytes. */
struct zc_disk_request {
  __u64 t;
  __u64 sector;
  __u64 payload; /* of `bytes`, in the payload's extents */
  __u32 bytes, left;
  __u32 tid, pad;
};

/* Key and value of the copy ledger, a per-CPU hash. */
struct zc_edge {
  __u8 role, from, to, by;
  __u8 context, mechanism;
  __u16 probe, via;
  __u16 cipher; /* of a transform: enum zc_cipher */
};
struct zc_moved {
  __u64 bytes, calls;
};

/* Where a system call is counted: by role, by table of numbers, by number. What lies beyond them all is the last one of
 * its table; x86-64 has 472 on Linux 7.2. */
#define ZC_SYSCALL_NUMBERS 512
#define ZC_SYSCALL_SLOTS (2 * 2 * ZC_SYSCALL_NUMBERS)
#define ZC_COMPAT_CALL 0x8000 /* added to a number of the 32-bit table */
static inline __attribute__((always_inline)) __u32 zc_syscall_slot(__u32 role, __u32 nr) {
  __u32 number = nr & ~ZC_COMPAT_CALL;
  if (number >= ZC_SYSCALL_NUMBERS) number = ZC_SYSCALL_NUMBERS - 1;
  return ((role != 0) * 2 + (nr & ZC_COMPAT_CALL ? 1 : 0)) * ZC_SYSCALL_NUMBERS + number;
}

/* A copy or reference folded into the system call it happened in. calls == 0: unused. */
struct zc_folded {
  __u16 probe;
  __u8 from, to;
  __u8 by, pad[3];
  __u32 calls;
  __u32 at; /* ns after the start of the call */
  __u64 bytes;
};

/* One thing that happened. Only system calls that moved bytes carry `folded`; the others end before it. */
struct zc_record {
  __u64 t, dur;
  __u32 tid;
  __u16 cpu;
  __u8 kind, role;
  __u16 probe, via; /* syscall: number; softirq: vector; mark: which; off_cpu: 1 voluntary; disk: operation */
  __u32 count;
  __s64 result; /* disk: the first sector, of 512 bytes on the whole disk */
  __u64 bytes, bytes2;
  __u8 from, to, by, context;
  __u32 pad;
  struct zc_folded folded[2];
};
#define ZC_RECORD_SHORT (sizeof(struct zc_record) - 2 * sizeof(struct zc_folded))

/* A process that is traced. */
#define ZC_NO_GATE -1
struct zc_target {
  __u32 role;
  __s32 gate; /* its descriptor that opens and closes the window, or ZC_NO_GATE: always open */
  __u32 stage;
  __u32 by_cgroup;           /* for as long as it is in one of the wanted cgroups */
  struct zc_process process; /* of followed programs */
};
/* A process's number in userspace's PID namespace and in the kernel's first one. */
struct zc_process_number {
  __u32 here, first;
};
enum zc_stage { ZC_WAITING, ZC_MOVING, ZC_DRAINING, ZC_DONE };

/* The run's window, opened and closed by the sender's gate. */
enum zc_window { ZC_WINDOW_BEFORE, ZC_WINDOW_TRANSFER, ZC_WINDOW_DRAIN, ZC_WINDOW_CLOSED };

/* Where a JVM's probe has its fourth argument, the length. */
struct zc_jvm_operand {
  __u32 reg;          /* offset in struct pt_regs */
  __s32 displacement; /* in memory, from what the register holds */
  __u32 in_memory, pad;
};

/* Where the payload lies on the disk, in 512-byte sectors of the whole disk, sorted. */
struct zc_extent {
  __u64 first, sectors;
};
#define ZC_MAX_EXTENTS 4096

/* Default size of the ring of records. */
#define ZC_RING_BYTES (16 << 20)
