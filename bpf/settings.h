/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What userspace sets before loading and before the run, and the counts that it reads in place. */
#pragma once

/* Set by userspace before loading. */
/* Which argument of block_rq_issue is the request: the second before a54895fa057c (5.11, and some 5.10). */
const volatile __u32 block_rq_argument = 0;
/* The same of block_bio_queue and the bio, before e8a676d61c07 (5.11). */
const volatile __u32 block_bio_argument = 0;
/* io_uring_complete has the completion queue's entry; before 6.15, what is in it. */
const volatile bool uring_completes_entry = false;
/* Numbers of arguments: fexit's result follows them. */
const volatile __u32 arity_of_skb_splice_from_iter = 4;      /* 4 on 6.12, 3 on 7.2 */
const volatile __u32 arity_of_skb_zerocopy_iter_stream = 5;  /* 5, 6 on 7.2 */
const volatile __u32 arity_of_generic_perform_write = 2;     /* 3 before 5.18 (800ba29547e1) */
const volatile __u32 arity_of_iomap_file_buffered_write = 3; /* up to 5 on 7.2 */
const volatile __u32 arity_of_vfs_rename = 1;                /* 6 before 5.12 (9fe61450972d) */
const volatile __u32 arity_of_udp_recvmsg = 5;               /* 6 before 5.19 (ec095263a965), 4 on 7.2 */
const volatile bool real_time = false;                       /* PREEMPT_RT */
const volatile bool keep_with_tasks = false;                 /* what is known of each, in its storage */
const volatile bool reads_types = false;                     /* bpf_rdonly_cast is there */
const volatile bool hold_cpus = false;                       /* programs may, and call functions meanwhile */
const volatile bool sum_is_timeline = false;                 /* --copies fast: the all-ftrace sum alone */
const volatile bool infer_from_calls = false;                /* tracepoints only: nothing sees the copies themselves */
const volatile bool sees_tls = false;                        /* all hooks on kernel TLS are there */
const volatile bool follow_programs = false;                 /* any program with its children, accounted by flows */
const volatile bool follow_requests = false;                 /* of io_uring and libaio: each is a call of its own */
const volatile bool keep_stacks = false;                     /* of copies */
const volatile __u32 pid_namespace = 0;                      /* userspace's, by inode number */
const volatile bool is_first_namespace = true;               /* it is the kernel's first one */

const volatile __u64 journalled_aops = 0; /* ext4's address_space_operations of data=journal; 0: not there */

/* Set by userspace before the run. */
__u32 disk_major, disk_minor, extent_count;
__u32 extents_known;
__u64 last_sector, beyond_payload; /* the payload's last sector, and how many bytes of it are something else */
__u32 nic_by = ZC_REFERENCE; /* ZC_DMA where a device stands behind the interface */
__u32 counting_hits;         /* the self-test is running */

/* Of a followed program: the part of which single events are kept. */
__u64 detail_until = ~0ull, detail_events = ~0ull;
__u32 generation; /* of the sums of flows */
__u32 new_entries; /* of flows and names, since userspace has looked */
__u32 levels_in_use; /* of `regions`, a bit each */
__u32 renames;       /* by traced programs */
__u32 execs;         /* the same */
/* Which processes become targets by themselves. */
__u32 wants_cgroups; /* their hierarchy, plus 1; 0: none */
__u32 wants_names, wants_all;
__u32 own_only; /* who traces may see no other user's processes */
__u32 own_tgid; /* zctrace's: neither it nor its children ever do */

__u32 session;         /* this trace, of those that find the same maps and tasks one after the other */
__u32 target_changes;  /* of `targets`, but for processes that come and go */

__u32 window; /* enum zc_window */
__u64 t_begin, t_end, t_drained;
__u32 maps_before_issue; /* the disk's driver makes memory reachable before it issues the request */

/* Counts that userspace reads in place. No map: the verifier writes each look-up out (map_gen_lookup), and copies the
 * whole program for each. */
struct zc_counters counters[ZC_COUNTER_SLOTS];
__u64 hits[ZC_PROBES]; /* of the self-test */
__u64 made_good[ZC_PROBES]; /* runs that the kernel skipped, and the hook's second program made */
/* Written by all processors: in no line of the cache that hooks read. */
struct {
  __u64 emitted, pad[7];
} detail __attribute__((aligned(64)));
