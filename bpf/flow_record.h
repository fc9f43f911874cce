/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The part of record.h that is about flows: what a followed program moved from where to where, and which code copied. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Flows: what a followed program moved from where to where. Mirrored: timeline::FlowEndKind. */
enum zc_place_kind {
  ZC_AT_FILE,
  ZC_AT_SOCKET,
  ZC_AT_PIPE,
  ZC_AT_DEVICE,
  ZC_AT_MEMORY,
  ZC_AT_OTHER,
  ZC_AT_PROCESS, /* another process's memory; ino: its number, as the program gave it */
};
struct zc_place {
  __u64 ino;
  __u32 dev; /* the kernel's s_dev */
  __u32 kind;
  __u32 born; /* i_generation: ext4 gives the number of a file just removed to the next */
  __u32 pad;
};

/* A file, by whose pages they are. */
struct zc_file {
  __u64 ino;
  __u32 dev, pad;
};

/* Mirrored: timeline::FlowMethod and FlowLink. */
enum zc_method {
  ZC_READ_WRITE,
  ZC_MMAP_WRITE,
  ZC_SENDFILE,
  ZC_SPLICE,
  ZC_TEE,
  ZC_DIRECT_IO,
  ZC_COPY_FILE_RANGE,
  ZC_MSG_ZEROCOPY,
  ZC_IO_URING,
  ZC_VMSPLICE,
  ZC_ONLY_READ,
  ZC_ONLY_WRITE,
  ZC_PROCESS_VM,
};
/* LIKELY_BUFFER: what was looked at in the part that is written is as it was read, elsewhere in the buffer it is not. */
enum zc_link { ZC_BY_CALL, ZC_BY_PIPE, ZC_BY_MAPPING, ZC_BY_BUFFER, ZC_UNLINKED, ZC_BY_LIKELY_BUFFER };

/* A process while it runs one program: its number in the kernel's first PID namespace, and when it began to be one or
 * became that program, in 2^16 ns: a number is another's soon. */
struct zc_process {
  __u32 tgid, since;
};
/* Who that was; kept beyond its end until userspace has taken it. */
struct zc_process_facts {
  char name[16]; /* TASK_COMM_LEN; at its end, as it was then */
  __u32 here;    /* its number in userspace's PID namespace; 0: none */
  __u32 pad;
  __u64 cgroup; /* of the unified hierarchy, by its inode's number */
  __u64 ended;  /* ns; 0: it runs */
};

/* A cgroup whose processes are traced, those that come into it later among them. Hierarchy 0 is the unified one. */
struct zc_cgroup {
  __u64 id;
  __u32 hierarchy, pad;
};
struct zc_comm {
  char name[16];
};
#define ZC_MAX_PROCESSES 16384
#define ZC_MAX_CGROUPS 256

/* Sums are gathered under the current generation; userspace raises it, and takes what lies under older ones. */
struct zc_flow_key {
  struct zc_place from, to;
  struct zc_process process; /* by which they were moved */
  __u8 method, link;
  __u16 pad;
  __u32 generation;
};

/* Why bytes of a call are unexplained, mirrored: timeline::Unexplained; and why what was seen of them is a lower bound,
 * mirrored: timeline::Uncounted. Bits. */
enum zc_why {
  ZC_WHY_UNSEEN = 1,     /* no hook saw what moved them */
  ZC_WHY_KERNEL_TLS = 2, /* its cipher reads and writes each of them, where no hook sees it: by a device, or no hooks */
  ZC_WHY_FUSE = 4,       /* a file system's daemon passes them on, in no call of the program */
  ZC_WHY_DISK = 8,       /* the driver of a disk without hardware moves them in threads of its own */
  ZC_WHY_UNEXPLAINED = 0xff,
  ZC_MORE_JOURNAL = 0x100,  /* of ext4 with data=journal: its thread copies pages that change meanwhile */
  ZC_MORE_TERMINAL = 0x200, /* a line discipline copies too, partly in a kernel thread */
  ZC_MORE_NETWORK = 0x400,  /* a network file system's kernel threads fill the page cache from a socket, and empty it */
  /* What else was seen of the ends and of how the bytes went, mirrored: timeline::Fact. */
  ZC_IS_LOOPBACK = 0x10000,       /* packets were handed to the loopback device */
  ZC_NO_SCATTER_GATHER = 0x20000, /* to a device that takes no page fragments */
  ZC_NO_CHECKSUM = 0x40000,       /* to one that computes no checksum for TCP */
  ZC_IS_APPENDED = 0x80000,       /* the file that is written is open with O_APPEND */
  ZC_PAGES_MADE = 0x100000,       /* the pages that were passed on were filled for the call: the file has none of its own */
  ZC_NO_SO_ZEROCOPY = 0x200000,   /* MSG_ZEROCOPY on a socket without SO_ZEROCOPY: the kernel ignores it */
  ZC_IS_COMPRESSED = 0x400000,    /* a segment that was written begins like a stream of gzip or zstd */
};

/* What transformed bytes; bits, mirrored: timeline::Cipher. */
enum zc_cipher { ZC_CIPHER_OTHER = 1, ZC_CIPHER_AES_GCM = 2, ZC_CIPHER_AES_CCM = 4, ZC_CIPHER_CHACHA20_POLY1305 = 8, ZC_CIPHER_AES_XTS = 16 };

/* Which code copied: bytes that the CPU copied with the same stack (struct zc_stack) on a CPU, kept if asked for. */
#define ZC_COPIERS 2 /* of one call: hardly any copies at more than two places */
struct zc_copier {
  __u64 stack; /* its number in `stacks` */
  __u64 bytes, calls;
};

/* What a call, or a number of them, cost. */
struct zc_cost {
  __u64 calls;    /* system calls */
  __u64 requests; /* of io_uring and libaio */
  __u64 cpu_bytes, reference_bytes, disk_bytes;
  __u64 buffer_bytes; /* of cpu_bytes: from socket buffer to socket buffer */
  __u64 tls_bytes;    /* that the heads of TLS records announce which calls' memory began with */
  __u64 transform_bytes; /* through a cipher, by the CPU; of TLS 1.3 with a byte of its own in each record */
  __u64 cipher;          /* enum zc_cipher */
  __u64 written_bytes; /* to the disk, in the call */
  __u64 unexplained_bytes; /* moved by them, but neither copied, passed on, fetched by a device nor dropped, as far as was seen */
  __u64 why; /* enum zc_why */
  struct zc_copier by[ZC_COPIERS]; /* of cpu_bytes; those without a stack are in none. Not in sums of flows. */
};
struct zc_flow {
  __u64 bytes;
  __u64 repeated_bytes; /* of them had gone on from the same buffer before: not read again */
  struct zc_cost cost;
  __u64 sent_bytes, sent_linear,
      sent_dma;      /* handed to a network device: payload; of it not in page fragments, fetched by the device */
  __u64 written_later; /* to the disk, by others: the kernel's write-back */
  __u64 refused, error; /* calls that the kernel refused, with the error of the first that was */
  __u64 first, last;   /* ns */
};

/* By which threads a flow's bytes were moved, by their names. Of two that come at once for the first time one may get
 * the other's bytes: names, and which of them moved most, are told, their bytes are not. */
#define ZC_THREAD_NAME 16 /* TASK_COMM_LEN */
#define ZC_THREADS 4      /* of one flow and generation */
struct zc_thread {
  char name[ZC_THREAD_NAME];
  __u64 bytes;
};
struct zc_flow_sum {
  struct zc_flow flow;
  struct zc_thread threads[ZC_THREADS];
  __u64 by_others; /* bytes by threads that found no room */
};

/* Bytes that came in and have not gone on yet: in a buffer of a process, by their address, or in a pipe. */
struct zc_buffer_key {
  __u64 address;
  __u32 tgid, pad;
};
#define ZC_SAMPLES 4
#define ZC_NO_SAMPLE (~0u)
struct zc_pending_read {
  struct zc_place from;
  __u64 bytes;
  __u64 taken;                 /* of them, from the first on, have gone on and were accounted for there */
  __u64 t, used;               /* ns: when they came, and when last some of them came or went on */
  __u64 sample[ZC_SAMPLES];    /* 8 bytes each: a buffer that was written to since is another thing */
  __u32 sample_at[ZC_SAMPLES]; /* offset, or ZC_NO_SAMPLE */
  struct zc_cost cost;         /* of those that have not gone on */
  char thread[ZC_THREAD_NAME]; /* by whom they came */
  struct zc_process process;   /* who read them, or filled the pipe */
  __u8 method, pad[7];
};

/* What a place is called; kept once per place. */
#define ZC_UNIX_PATH 108 /* sizeof sun_path */
#define ZC_PATH 480
#define ZC_FILESYSTEM 16
struct zc_name {
  __u16 family, type; /* of sockets */
  __u16 own_port, peer_port;
  __u8 own[16], peer[16];
  __u32 sends_from, receives_from; /* of TCP: the sequence numbers with which the two streams began, or one less where it
                                    * connected, of what it sends; both 0: not known */
  __u64 peer_ino; /* of a unix socket: its other end's; 0: not known */
  __u16 deleted;
  __u16 truncated; /* path[] is the end of a longer one */
  __u32 first; /* of path[]: it is filled from its end; beyond a file's mount the walk stops at the task's root */
  __u32 renames; /* as many as there were when the name was read */
  __u32 why;     /* enum zc_why: what touches the bytes of such a file where no hook sees it */
  char filesystem[ZC_FILESYSTEM]; /* a file's; its name may be longer */
  __u64 mount;   /* struct vfsmount * */
  char path[ZC_PATH];
};

/* What copied bytes of a flow, as struct zc_copier: kept by the flow's and the stack's numbers. */
struct zc_copier_key {
  __u64 flow; /* zc_number_of_flow() */
  __u64 stack;
  __u32 generation, pad;
};
struct zc_copied {
  __u64 bytes, calls;
};

/* A number that content gives: of 64 bits, so that two things do not get the same. */
#define ZC_NUMBER_FIRST 0xcbf29ce484222325ull
static inline __attribute__((always_inline)) __u64 zc_number(__u64 number, __u64 word) {
  number = (number ^ word) * 0x9e3779b97f4a7c15ull;
  return number ^ number >> 29;
}
static inline __attribute__((always_inline)) __u64 zc_number_of_flow(const struct zc_flow_key* key) {
  const struct zc_place *from = &key->from, *to = &key->to;
  __u64 number = ZC_NUMBER_FIRST;
  number = zc_number(number, from->ino);
  number = zc_number(number, from->dev | (__u64)from->kind << 32);
  number = zc_number(number, from->born);
  number = zc_number(number, to->ino);
  number = zc_number(number, to->dev | (__u64)to->kind << 32);
  number = zc_number(number, to->born);
  number = zc_number(number, key->process.tgid | (__u64)key->process.since << 32);
  return zc_number(number, key->method | (__u64)key->link << 32);
}

/* A stack at which bytes were copied. Of the program what is needed to follow its stack without frame pointers: its
 * registers, and its stack's memory from the stack pointer on. */
#define ZC_STACK_KERNEL 48
#define ZC_STACK_USER 64
#define ZC_STACK_MEMORY 8192
#define ZC_STACK_PIECE 512 /* of that memory, read at once */
#define ZC_REGISTERS 21    /* struct pt_regs of x86-64 */
enum zc_register { ZC_REG_BP = 4, ZC_REG_IP = 16, ZC_REG_CS = 17, ZC_REG_SP = 19 };
enum zc_stack_flag {
  ZC_STACK_SOFTIRQ = 1, /* in a softirq: whoever it interrupted is not the owner */
  ZC_STACK_WORKER = 2,  /* in a thread of the kernel's */
  ZC_STACK_COMPAT = 4,  /* of a 32-bit program, whose stack is not followed */
  ZC_STACK_AT_END = 8,  /* taken at the call's end: where in the kernel is not known */
  ZC_STACK_FAILED = 16, /* the kernel did not tell its part */
};
struct zc_stack {
  __u64 kernel[ZC_STACK_KERNEL]; /* innermost first; the hook's own first */
  __u64 user[ZC_STACK_USER];     /* where calls return to, by frame pointers, innermost first */
  __u64 registers[ZC_REGISTERS];
  __u64 execs; /* of the process when it was taken: its files are mapped anew by each */
  __u64 thread;
  __u64 t; /* ns */
  __u32 kernel_frames, user_frames, memory_bytes;
  __u32 tgid, pid; /* the process, in the kernel's first PID namespace and in userspace's; 0: none */
  __u32 flags;
  __u32 probe, pad; /* whose function copied: since 6.19 a hook may be jumped to, and the function is no frame */
  char name[16]; /* of the thread */
  char memory[ZC_STACK_MEMORY];
};

#define ZC_MAX_FLOWS 16384
#define ZC_MAX_BUFFERS 32768
#define ZC_MAX_REGIONS 32768
#define ZC_MAX_PIPES 4096
#define ZC_MAX_NAMES 8192
#define ZC_MAX_WRITERS 16384
#define ZC_MAX_STACKS 2048
#define ZC_MAX_COPIERS 16384
