/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The system calls that move bytes. x86-64 numbers. */
#pragma once

enum nr {
  NR_READ = 0,
  NR_WRITE = 1,
  NR_MMAP = 9,
  NR_MUNMAP = 11,
  NR_IOCTL = 16,
  NR_PREAD64 = 17,
  NR_PWRITE64 = 18,
  NR_READV = 19,
  NR_WRITEV = 20,
  NR_SENDFILE = 40,
  NR_SENDTO = 44,
  NR_RECVFROM = 45,
  NR_SENDMSG = 46,
  NR_RECVMSG = 47,
  NR_GETSOCKOPT = 55,
  NR_RENAME = 82,
  NR_RENAMEAT = 264,
  NR_SPLICE = 275,
  NR_TEE = 276,
  NR_VMSPLICE = 278,
  NR_PREADV = 295,
  NR_PWRITEV = 296,
  NR_RECVMMSG = 299,
  NR_SENDMMSG = 307,
  NR_PROCESS_VM_READV = 310,
  NR_PROCESS_VM_WRITEV = 311,
  NR_RENAMEAT2 = 316,
  NR_COPY_FILE_RANGE = 326,
  NR_PREADV2 = 327,
  NR_PWRITEV2 = 328,
};

/* Those that move no bytes, whatever they are given: they wait, ask for the time or a number, or change how the process
 * is run. */
static const bool plain_calls[ZC_SYSCALL_NUMBERS] = {
    [7] = true,   /* poll */
    [8] = true,   /* lseek */
    [12] = true,  /* brk */
    [13] = true,  /* rt_sigaction */
    [14] = true,  /* rt_sigprocmask */
    [23] = true,  /* select */
    [24] = true,  /* sched_yield */
    [34] = true,  /* pause */
    [35] = true,  /* nanosleep */
    [36] = true,  /* getitimer */
    [38] = true,  /* setitimer */
    [39] = true,  /* getpid */
    [62] = true,  /* kill */
    [96] = true,  /* gettimeofday */
    [98] = true,  /* getrusage */
    [100] = true, /* times */
    [102] = true, /* getuid */
    [104] = true, /* getgid */
    [107] = true, /* geteuid */
    [108] = true, /* getegid */
    [110] = true, /* getppid */
    [127] = true, /* rt_sigpending */
    [128] = true, /* rt_sigtimedwait */
    [130] = true, /* rt_sigsuspend */
    [186] = true, /* gettid */
    [200] = true, /* tkill */
    [201] = true, /* time */
    [202] = true, /* futex */
    [203] = true, /* sched_setaffinity */
    [204] = true, /* sched_getaffinity */
    [213] = true, /* epoll_create */
    [222] = true, /* timer_create */
    [223] = true, /* timer_settime */
    [228] = true, /* clock_gettime */
    [229] = true, /* clock_getres */
    [230] = true, /* clock_nanosleep */
    [232] = true, /* epoll_wait */
    [233] = true, /* epoll_ctl */
    [234] = true, /* tgkill */
    [270] = true, /* pselect6 */
    [271] = true, /* ppoll */
    [281] = true, /* epoll_pwait */
    [283] = true, /* timerfd_create */
    [284] = true, /* eventfd */
    [286] = true, /* timerfd_settime */
    [290] = true, /* eventfd2 */
    [291] = true, /* epoll_create1 */
    [309] = true, /* getcpu */
    [324] = true, /* membarrier */
    [334] = true, /* rseq */
    [441] = true, /* epoll_pwait2 */
};

static __always_inline bool is_plain(__u64 nr) { return nr < ZC_SYSCALL_NUMBERS && plain_calls[nr]; }

/* Of ioctl, for FICLONERANGE: struct file_clone_range. */
#define CLONE_RANGE 0x4020940d
struct clone_range {
  __s64 from;
  __u64 offset, bytes; /* 0: up to its end */
};

/* struct msghdr and struct mmsghdr of the 64-bit ABI. */
#define MSGHDR_VECTOR 16 /* msg_iov, msg_iovlen */
#define MMSGHDR_LENGTH 56
#define MMSGHDR_BYTES 64

/* Where the bytes go, seen from the program's memory. THROUGH: from one descriptor to another. */
enum direction { DIRECTION_NONE, DIRECTION_IN, DIRECTION_OUT, DIRECTION_THROUGH };

static __always_inline __u8 direction_of(__u32 nr) {
  switch (nr) {
    case NR_READ:
    case NR_PREAD64:
    case NR_READV:
    case NR_PREADV:
    case NR_PREADV2:
    case NR_RECVFROM:
    case NR_RECVMSG:
    case NR_RECVMMSG:
    case NR_PROCESS_VM_READV:
      return DIRECTION_IN;
    case NR_WRITE:
    case NR_PWRITE64:
    case NR_SENDTO:
    case NR_WRITEV:
    case NR_PWRITEV:
    case NR_PWRITEV2:
    case NR_SENDMSG:
    case NR_SENDMMSG:
    case NR_PROCESS_VM_WRITEV:
    case NR_VMSPLICE:
      return DIRECTION_OUT;
    case NR_SENDFILE:
    case NR_SPLICE:
    case NR_TEE:
    case NR_COPY_FILE_RANGE:
      return DIRECTION_THROUGH;
    default:
      return DIRECTION_NONE;
  }
}
