/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Calls by which a program asks that bytes be passed on without a copy of its own, and that the kernel refuses. */
#pragma once

/* include/uapi/asm-generic/errno.h */
enum {
  REFUSED_EPERM = 1,
  REFUSED_EBADF = 9,
  REFUSED_ENOMEM = 12,
  REFUSED_EXDEV = 18,
  REFUSED_EINVAL = 22,
  REFUSED_ETXTBSY = 26,
  REFUSED_ESPIPE = 29,
  REFUSED_ENOSYS = 38,
  REFUSED_EOVERFLOW = 75,
  REFUSED_EOPNOTSUPP = 95,
  REFUSED_ENOBUFS = 105,
};

/* Others say that the call is to be made again, or that a write would have failed as well. */
static __always_inline bool is_refusal(long error) {
  switch (error) {
    case REFUSED_EPERM:
    case REFUSED_EBADF:
    case REFUSED_ENOMEM:
    case REFUSED_EXDEV:
    case REFUSED_EINVAL:
    case REFUSED_ETXTBSY:
    case REFUSED_ESPIPE:
    case REFUSED_ENOSYS:
    case REFUSED_EOVERFLOW:
    case REFUSED_EOPNOTSUPP:
    case REFUSED_ENOBUFS:
      return true;
    default:
      return false;
  }
}

static __always_inline void note_refusal(struct call* call, long result) {
  bool asks = call->direction == DIRECTION_THROUGH || call->nr == NR_VMSPLICE || call->zerocopy;
  if (!asks || !is_refusal(-result)) return;
  call->error = -result;
  call->cost.why |= call->why & ~(__u64)ZC_WHY_UNEXPLAINED;
}
