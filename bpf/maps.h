/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is kept beside: of threads, disks, processors, flows and stacks; the ledger; the ring. */
#pragma once

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
