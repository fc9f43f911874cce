/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The law of conservation: each byte that a call moved was copied, passed on by reference, fetched or stored by a
 * device, or dropped. What none of the hooks saw is unexplained, and whoever shows it says "unknown", never 0. */
#pragma once

/* Passed on from a file: its pages must also have been taken from the page cache, else somebody made them for this. */
static __always_inline bool takes_pages(const struct call* call) {
  const __u32 kind = call->flow.from.kind;
  return call->direction == DIRECTION_THROUGH && kind != ZC_AT_PIPE && kind != ZC_AT_SOCKET;
}

static __always_inline void apply_conservation(struct call* call, __u64 bytes) {
  if (call->peek) return; /* they stay where they are */
  if (infer_from_calls && !call->why) return; /* nothing sees copies there: userspace says so of each flow */
  __u64 seen = call->explained_bytes;
  if (takes_pages(call)) {
    __u64 pages = call->page_cache_bytes + (call->direct ? call->device_bytes : 0);
    if (pages < seen) seen = pages;
  }
  if (call->direct) seen += call->device_bytes;
  if (call->no_copy) seen = bytes;
  if (call->why) {
    call->cost.unexplained_bytes = bytes;
    call->cost.why = call->why;
  } else if (seen < bytes) {
    call->cost.unexplained_bytes = bytes - seen;
    call->cost.why = ZC_WHY_UNSEEN;
  }
}
