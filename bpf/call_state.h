/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is kept of a call while it is under way, and of a task from call to call. */
#pragma once

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
