/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* All maps and the few values that userspace sets before the run. */
#pragma once

/* What is traced: by process, and by socket (socket-buffer work runs in whatever task the softirq interrupts). */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, struct zc_target);
} targets SEC(".maps");

/* Who they are and were. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_PROCESSES);
  __type(key, struct zc_process);
  __type(value, struct zc_process_facts);
} processes SEC(".maps");

/* Whoever is in one of these cgroups, or has such a name, becomes a target: bpf/process.bpf.c. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_CGROUPS);
  __type(key, struct zc_cgroup);
  __type(value, __u32);
} wanted_cgroups SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_CGROUPS);
  __type(key, struct zc_comm);
  __type(value, __u32);
} wanted_names SEC(".maps");

struct traced_socket {
  __u32 role;
  __u32 sends;             /* flows that went into it: the number of the next in `sent_flows` */
  __u64 ino;               /* of its file: the end of no other socket than TCP's is reported, and its memory is used again */
  struct zc_flow_key flow; /* the latest that went into it */
  __u32 sequence, pad;     /* TCP's, of that one's first byte */
  __s64 clear[2];          /* kernel TLS: payload that was received and sent, less what was seen to pass the cipher */
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64); /* struct sock * */
  __type(value, struct traced_socket);
} sockets SEC(".maps");

/* Whose bytes lie where in a TCP socket's stream: the last SENT_FLOWS changes of flow in it. */
#define SENT_FLOWS 64
struct sent_key {
  __u64 sk;
  __u32 slot, pad;
};
struct sent_flow {
  __u32 number, sequence; /* of its first byte */
  struct zc_flow_key flow;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct sent_key);
  __type(value, struct sent_flow);
} sent_flows SEC(".maps");

/* The buffer of a MSG_ZEROCOPY send (struct ubuf_info *) to its socket: skb_copy_ubufs on loopback and veth meets
 * buffers that have lost theirs. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64);
  __type(value, __u64);
} zerocopies SEC(".maps");

/* The file that is mapped at an address, unless the memory is the program's own: a private copy, or shared between
 * processes. */
struct mapped_file {
  struct zc_place place;
  __u64 end, why;
  bool found;
};

/* Where the bytes that a call writes were before. */
enum origin { FROM_NOWHERE_YET, FROM_MEMORY, FROM_RANGE, FROM_MAPPING };

/* The system call a thread is in; or a request of io_uring or libaio: bpf/request.bpf.c. */
#define SEGMENTS 8
struct segment { /* as struct iovec */
  __u64 address, bytes;
};
/* Over the program's own memory that a call reads or writes: read from there, segment by segment. */
struct cursor {
  __u64 vector;  /* the next struct iovec */
  __u64 message; /* the next struct mmsghdr */
  __u64 in_message; /* bytes of this message left to attribute */
  __u32 segments, messages; /* how many are left: of this message, of the call */
};
struct call {
  /* set anew by each call */
  __u64 t;
  __u64 address, bytes;  /* the first two arguments: what munmap and mmap need at their return */
  __u64 reference_bytes; /* passed by reference inside the current tcp_sendmsg_locked */
  __u64 explained_bytes; /* seen to be copied or passed on, each once: bpf/conservation.h */
  __u64 page_cache_bytes; /* pages of a file that it took to pass on, or that were filled for it */
  __u64 iterated;        /* of the sum: what it counted in the function that is in progress */
  __u64 device_bytes;    /* of block requests it issued, both ways */
  __u64 direct_bytes;    /* of them between a device and the program's own memory */
  struct zc_file pages; /* whose pages it wrote to */
  __u64 why;             /* enum zc_why: what its descriptors are tells that no hook sees all */
  __u64 error;           /* of a call that was refused */
  __u64 tls;             /* struct sock *: kernel TLS of the CPU's in the call's direction */
  __u64 deciphered;      /* through its cipher; where to, the call's result tells */
  __u64 iter, rest;      /* of the last atomic copy from user memory: what it was to leave there */
  __u64 announced;       /* bytes that skb_copy_datagram_iter is about to copy, until its hook has counted them */
  __u64 unstacked;       /* copied, until it is known with which stack */
  __u64 request;         /* of a thread: the request that it works on */
  __u32 nr;              /* of a request: of the system call that does the same */
  __u32 faults;
  __u32 unstacked_by; /* enum zc_probe */
  __u8 in, out; /* what its descriptors are: enum zc_end */
  __u8 user;    /* what its user memory is: a buffer, or the page cache where a file is mapped */
  __u8 direct;
  __u8 direction; /* enum direction */
  __u8 is_open;
  __u8 has_call; /* while it is attributed: its call is not yet counted with any of its pieces */
  __u8 zerocopy;
  __u8 no_copy; /* its bytes are dropped, or passed on by a way that needs no hook */
  __u8 peek;    /* the bytes that it reads stay where they are */
  __u8 is_request;
  __u8 is_uring;
  __u8 is_decoded;     /* of a request: its file is known */
  __u8 in_worker;      /* a request that is worked on in no system call */
  __u8 registered;     /* its memory is a registered buffer, which the kernel sees as pages */
  __u8 truncate; /* MSG_TRUNC: its result counts bytes that were dropped */
  __u8 samples;  /* what was seen of the range that is compared */
  __u8 link;     /* of the range that was compared last: enum zc_link */
  __u8 repeated; /* the piece had gone on before */
  __u8 made;     /* the pages that it passes on are no file's: they were filled for it */
  __u8 tls_sends;    /* `tls` encrypts; else it decrypts */
  __u8 cipher_depth; /* a cipher may be made of another */
  __u8 is_plain;     /* no call that moves bytes: bpf/calls.h */
  __u8 asked_disk;   /* bpf/disk.bpf.c: some of its reads may have been issued by others */
  __u8 predicted;    /* enum origin of its only segment */
  __u8 predicted_link;
  __u32 tgid; /* of a request: whose it is */
  __u32 at;   /* segments that were taken from the cursor */
  __u32 segment_count, main_segment;
  struct zc_folded folded[2];
  /* of a followed program */
  struct zc_cost cost;
  struct zc_flow_key flow; /* predicted from its arguments */
  struct cursor cursor;
  struct segment piece;     /* what is left to attribute of the segment that the cursor gave last */
  struct segment second;    /* follows it, in a call that has no vector */
  __u64 found, found_t;     /* bpf/ranges.h: where the range starts, when it was read */
  __u64 next_range;         /* where the next one starts */
  __u64 zerocopy_receive;   /* the address of a struct tcp_zerocopy_receive */
  /* kept from call to call */
  __u32 session;  /* of a thread, in its storage: else it is another trace's */
  __u32 is_dirty; /* what each call sets anew is not as it was made */
  /* valid as far as the fields above say */
  struct segment segments[SEGMENTS]; /* the first ones: for the prediction */
  __u64 predicted_range, predicted_range_t; /* as `found` */
  struct mapped_file mapped;
  __s64 moved;                /* bytes, or an error */
  __u64 now;                  /* as it is attributed */
  __u64 all_bytes, remaining; /* to attribute: all, and what is left of them */
  struct zc_flow_key key, unlinked;
  struct sent_flow sent;
  struct zc_flow more;
  char reader[ZC_THREAD_NAME]; /* the thread that brought the piece in */
  struct zc_cost share;
  struct zc_pending_read pending;
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, struct call);
} calls SEC(".maps");
/* What `targets` has of a followed process. */
struct known_target {
  __u32 session, changes; /* as of when */
  struct zc_target target;
};
/* With the task itself, where it can be kept there: a look-up costs a third, and one finds both. */
struct task_state {
  struct call call;
  struct known_target known;
};
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __s32);
  __type(value, struct task_state);
} tasks SEC(".maps");

/* Requests of io_uring and libaio that are under way. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __type(key, __u64); /* struct kiocb *, which begins a struct io_kiocb */
  __type(value, struct call);
} async_calls SEC(".maps");

/* Of those, the ones with many results, which the kernel tells of by what the program calls them. */
struct multishot_key {
  __u64 ring; /* struct io_ring_ctx * */
  __u64 user_data;
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __type(key, struct multishot_key);
  __type(value, __u64);
} multishots SEC(".maps");

/* A thread's first one: a program's stack is too small for it. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct call);
} no_call SEC(".maps");

/* Files mapped by a process: where its "user buffer" is the page cache itself. */
#define MAPPINGS 8
struct mapping {
  __u64 first, bytes;
};
struct mappings {
  __u32 used;
  __u32 pad;
  struct mapping at[MAPPINGS];
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u32);
  __type(value, struct mappings);
} mapped SEC(".maps");

struct off_cpu {
  __u64 t;
  __u32 voluntary;
  __u32 pad;
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, struct off_cpu);
} off_cpus SEC(".maps");

/* Since when a thread that moves payload has been on its CPU; 0 while it is off. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, __u64);
} on_cpus SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __type(key, __u64); /* struct request * */
  __type(value, struct zc_disk_request);
} requests SEC(".maps");

/* What a traced thread asked a disk for, by bio: a scheduler of the block layer has what is too much for the device at
 * once issued by kblockd. */
struct asked_read {
  __u64 t; /* of the thread's call; 0: it was in none */
  __u32 tid;
  __u32 passes_on; /* the call has them read into the pages of a pipe */
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, __u64); /* struct bio * */
  __type(value, struct asked_read);
} asked_reads SEC(".maps");

/* What others issued for a thread's call, until its end: nobody else reaches what is kept with the task. */
struct issued_read {
  __u64 t; /* of the call */
  __u64 bytes, fetched_bytes, direct_bytes, unseen_bytes, bounced_bytes;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, __u32); /* of the thread */
  __type(value, struct issued_read);
} issued_reads SEC(".maps");

/* The flow that wrote to a file last: what is written to the disk of its pages is that flow's. By device and inode of
 * whose pages they are: below overlayfs that is another inode than the program's. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_WRITERS);
  __type(key, struct zc_file);
  __type(value, struct zc_flow_key);
} writers SEC(".maps");

/* Of this CPU: a request whose memory the kernel is about to make reachable for a device, or just was. */
struct disk_state {
  __u64 bounced; /* bytes, by the task below, for a request that is not issued yet */
  __u32 tid;
  __u32 issued_tid; /* by whom the request below was issued; 0: none */
  __u64 issued_left; /* its bytes that may still be bounced */
  struct zc_edge issued; /* how they move */
  struct asked_read asker; /* of a read that is issued: who asked for it */
  __u64 next;            /* struct bio *: the one of a written request to look at now */
  __u64 found;           /* of that request, bytes that a traced program wrote */
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct disk_state);
} disks SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1);
  __type(key, __u64);
  __type(value, struct disk_state);
} disks_of_tasks SEC(".maps"); /* as states_of_tasks */

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_MAX_EXTENTS);
  __type(key, __u32);
  __type(value, struct zc_extent);
} extents SEC(".maps");

/* What this CPU is in the middle of. */
#define FRAMES 8
struct frame {
  __u64 at; /* address on the kernel stack, as of a call below */
  __u64 skb, sk, task, copied;
  __u32 probe;
  __u32 on_task_stack;
};
/* One call of a function, for its two programs: where on the kernel stack, and what it works on. */
struct counted_call {
  __u64 at, skb, offset;
};
struct cpu_state {
  __u64 softirq_since;
  __u64 softirq_task; /* that it interrupted */
  __u32 softirq_depth;
  __u32 depth;
  struct frame frames[FRAMES];
  struct counted_call counted;
  /* copied for a flow in no call, until it is known with which stack */
  __u64 due_flow, due_bytes;
  __u32 due_generation, due_by;
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct cpu_state);
} cpus SEC(".maps");

/* Where tasks preempt programs within a processor (PREEMPT_RT), what it is in the middle of is each task's own. Softirqs
 * run in tasks there. What was not used for long goes: userspace sets how many are kept. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1);
  __type(key, __u64);
  __type(value, struct cpu_state);
} states_of_tasks SEC(".maps");

/* The ledger: sums that lose nothing. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(max_entries, 512);
  __type(key, struct zc_edge);
  __type(value, struct zc_moved);
} edges SEC(".maps");

/* System calls whose entry and return were both seen: zc_syscall_slot(). */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, ZC_SYSCALL_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} syscalls SEC(".maps");

/* Flows of followed programs. Userspace empties them as they fill. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_FLOWS);
  __type(key, struct zc_flow_key);
  __type(value, struct zc_flow_sum);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_BUFFERS);
  __type(key, struct zc_buffer_key);
  __type(value, struct zc_pending_read);
} buffers SEC(".maps");

/* Which ranges of `buffers` lie in a region of a process's memory: at each level those of a certain size at most, so that
 * a range lies in two of that level's regions at most. Only a hint: what it names may be gone. */
#define REGION_RANGES 8
struct region_key {
  __u64 number;
  __u32 tgid, level;
};
struct region {
  __u32 next, pad; /* the slot to use next */
  struct {
    __u64 first, end;
  } at[REGION_RANGES];
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, ZC_MAX_REGIONS);
  __type(key, struct region_key);
  __type(value, struct region);
} regions SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_PIPES);
  __type(key, struct zc_place);
  __type(value, struct zc_pending_read);
} pipes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_NAMES);
  __type(key, struct zc_place);
  __type(value, struct zc_name);
} names SEC(".maps");

struct name_scratch {
  struct zc_name name;
  char beyond[512]; /* a component may be written past the end, as far as the verifier sees */
  struct dentry *dentry, *root;
  struct vfsmount *mount, *root_mount;
  __u64 complete; /* the walk came to its end */
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct name_scratch);
} new_names SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u64);
  __type(value, struct name_scratch);
} new_names_of_tasks SEC(".maps"); /* as states_of_tasks, while a name is being resolved */

/* Which code copies. Userspace makes room if it asks for stacks, and empties them. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u64);
  __type(value, struct zc_stack);
} stacks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, struct zc_copier_key);
  __type(value, struct zc_copied);
} copiers SEC(".maps");

/* Where one is put together: of a task, and of the softirq that interrupts it. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, struct zc_stack);
} new_stacks SEC(".maps");

/* The kernel's parts of stacks that were followed lately, and where on the task's stack each return address lay. */
#define STACK_WORDS 512 /* as many are looked at */
#define FOLLOWED_STACKS 64
struct followed_stack {
  __u64 kernel[ZC_STACK_KERNEL];
  __u16 place[ZC_STACK_KERNEL]; /* the word's number, from the hook's context upwards */
  __u64 owner;                  /* the thread that fills it: others may come in between */
  __u32 frames, words, probe, nr, is_whole;
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, FOLLOWED_STACKS);
  __type(key, __u32);
  __type(value, struct followed_stack);
} followed_stacks SEC(".maps");
struct stack_words {
  __u64 word[STACK_WORDS];
  __u32 words, probe, nr;
  __u32 next; /* frame whose return address is looked for */
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct stack_words);
} stack_words SEC(".maps");

/* The timeline: single events, may be cut, and then says how many are missing. Userspace sets the size. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, ZC_RING_BYTES);
} records SEC(".maps");

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
