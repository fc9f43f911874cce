/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The law of conservation: each byte that a call moved was copied, passed on by reference, fetched or stored by a
 * device, or dropped; and on a socket with kernel TLS it passes the cipher on top. What none of the hooks saw is
 * unexplained, and whoever shows it says "unknown", never 0. Where others copy the same bytes too, what was seen is a lower
 * bound, and says so. */
#pragma once

/* Passed on from a file: its pages must also have been taken from the page cache, else somebody made them for this. */
static __always_inline bool takes_pages(const struct call* call) {
  const __u32 kind = call->flow.from.kind;
  return call->direction == DIRECTION_THROUGH && kind != ZC_AT_PIPE && kind != ZC_AT_SOCKET;
}

static __always_inline void apply_conservation(struct call* call, __u64 bytes) {
  if (call->peek) return; /* they stay where they are */
  const __u64 why = call->why & ZC_WHY_UNEXPLAINED;
  call->cost.why |= call->why & ~(__u64)ZC_WHY_UNEXPLAINED;
  if (call->made) call->cost.why |= ZC_PAGES_MADE;
  if (infer_from_calls && !why) return; /* nothing sees copies there: userspace says so of each flow */
  __u64 seen = call->explained_bytes;
  if (takes_pages(call)) {
    __u64 pages = call->page_cache_bytes + (call->direct ? call->device_bytes : 0);
    if (pages < seen) seen = pages;
  }
  if (call->direct) seen += call->device_bytes;
  if (call->no_copy) seen = bytes;
  if (why) {
    call->cost.unexplained_bytes = bytes;
    call->cost.why |= why;
  } else if (seen < bytes) {
    call->cost.unexplained_bytes = bytes - seen;
    call->cost.why |= ZC_WHY_UNSEEN;
  }
}

#define TLS_RECORD 16384 /* payload that one may wait for more (MSG_MORE), or was decrypted before it was traced */

/* Kernel TLS: payload that goes into records passes the cipher before long, and what is read has passed it. */
static __always_inline void settle_tls(struct call* call, __u64 bytes) {
  __u64 sk = call->tls;
  struct traced_socket* socket = bpf_map_lookup_elem(&sockets, &sk);
  __s64 more = (call->peek ? 0 : bytes) - call->cost.transform_bytes, clear = bytes;
  if (socket) {
    __s64* sum = &socket->clear[call->tls_sends & 1];
    __sync_fetch_and_add(sum, more);
    clear = *sum;
    /* Of TLS 1.3 the cipher takes a byte more for each record; what is decrypted may be read later. */
    if (clear > TLS_RECORD || (clear < 0 && call->tls_sends)) __sync_fetch_and_add(sum, -clear);
    if (clear <= TLS_RECORD) return;
  }
  if (clear > bytes) clear = bytes;
  if (call->cost.unexplained_bytes < clear) call->cost.unexplained_bytes = clear;
  if (clear) call->cost.why |= ZC_WHY_KERNEL_TLS;
}
