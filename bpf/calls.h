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
