/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sums by flow: source, destination and method. */
#pragma once

static __always_inline void account_flow(struct zc_flow_key* key, const struct zc_flow* more) {
  key->generation = generation;
  struct zc_flow* flow = bpf_map_lookup_elem(&flows, key);
  if (!flow) {
    struct zc_flow none = {.first = more->last};
    bpf_map_update_elem(&flows, key, &none, BPF_NOEXIST); /* fails if another CPU has just inserted it */
    flow = bpf_map_lookup_elem(&flows, key);
  }
  if (!flow) {
    add_sum(ZC_SENDER, ZC_S_DROPPED_CALLS, more->cost.calls + more->cost.requests);
    add_sum(ZC_SENDER, ZC_S_DROPPED_BYTES, more->bytes);
    return;
  }
  if (more->bytes) __sync_fetch_and_add(&flow->bytes, more->bytes);
  if (more->cost.calls) __sync_fetch_and_add(&flow->cost.calls, more->cost.calls);
  if (more->cost.requests) __sync_fetch_and_add(&flow->cost.requests, more->cost.requests);
  if (more->cost.cpu_bytes) __sync_fetch_and_add(&flow->cost.cpu_bytes, more->cost.cpu_bytes);
  if (more->cost.reference_bytes) __sync_fetch_and_add(&flow->cost.reference_bytes, more->cost.reference_bytes);
  if (more->cost.disk_bytes) __sync_fetch_and_add(&flow->cost.disk_bytes, more->cost.disk_bytes);
  if (more->cost.unexplained_bytes) {
    __sync_fetch_and_add(&flow->cost.unexplained_bytes, more->cost.unexplained_bytes);
    flow->cost.why |= more->cost.why; /* 5.10 has no atomic or; the next call mends a bit that another CPU undid */
  }
  if (more->sent_bytes) __sync_fetch_and_add(&flow->sent_bytes, more->sent_bytes);
  if (more->sent_linear) __sync_fetch_and_add(&flow->sent_linear, more->sent_linear);
  if (more->sent_dma) __sync_fetch_and_add(&flow->sent_dma, more->sent_dma);
  if (more->last) flow->last = more->last;
}

/* Whose bytes these are if no call identifies them: those of a socket (the device layer runs in softirq). */
struct owner {
  __u64 sk;
};

static __always_inline void account_socket(__u64 sk, const struct zc_flow* more) {
  struct traced_socket* socket = bpf_map_lookup_elem(&sockets, &sk);
  if (!socket) return;
  if (!socket->has_flow) {
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_BYTES, more->cost.cpu_bytes);
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_COPIES, more->cost.cpu_bytes != 0);
    return;
  }
  struct zc_flow_key key = socket->flow;
  account_flow(&key, more);
}

/* Accounts a copy or reference to the call it happens in, else to its owner's flow. */
static __always_inline void account_cost(const struct owner* owner, const struct zc_edge* edge, struct call* call,
                                   __u64 bytes) {
  if (edge->by == ZC_DMA || edge->to == ZC_NIC) return;
  bool copied = edge->by == ZC_CPU;
  if (call && edge->context != ZC_SOFTIRQ && call->direction) {
    if (copied)
      call->cost.cpu_bytes += bytes;
    else
      call->cost.reference_bytes += bytes;
    /* From socket buffer to socket buffer they are copied on top of what brought them there. */
    if (edge->from != ZC_SOCKET_BUFFER || edge->to != ZC_SOCKET_BUFFER) call->explained_bytes += bytes;
    return;
  }
  struct zc_flow more = {.last = bpf_ktime_get_ns()};
  if (copied)
    more.cost.cpu_bytes = bytes;
  else
    more.cost.reference_bytes = bytes;
  if (owner->sk) {
    account_socket(owner->sk, &more);
  } else if (copied) {
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_BYTES, bytes);
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_COPIES, 1);
  }
}
