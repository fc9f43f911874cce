/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sums by flow: source, destination and method. */
#pragma once

static __always_inline void account_flow(struct zc_flow_key* key, struct zc_flow* more) {
  key->generation = generation;
  struct zc_flow* flow = bpf_map_lookup_elem(&flows, key);
  if (!flow) {
    more->first = more->last;
    if (!bpf_map_update_elem(&flows, key, more, BPF_NOEXIST)) return;
    flow = bpf_map_lookup_elem(&flows, key); /* another CPU has just inserted it, or the map is full */
  }
  if (!flow) {
    add_sum(ZC_SENDER, ZC_S_DROPPED_CALLS, more->cost.calls);
    add_sum(ZC_SENDER, ZC_S_DROPPED_BYTES, more->bytes);
    return;
  }
  if (more->bytes) __sync_fetch_and_add(&flow->bytes, more->bytes);
  if (more->cost.calls) __sync_fetch_and_add(&flow->cost.calls, more->cost.calls);
  if (more->cost.cpu_bytes) __sync_fetch_and_add(&flow->cost.cpu_bytes, more->cost.cpu_bytes);
  if (more->cost.reference_bytes) __sync_fetch_and_add(&flow->cost.reference_bytes, more->cost.reference_bytes);
  if (more->cost.disk_bytes) __sync_fetch_and_add(&flow->cost.disk_bytes, more->cost.disk_bytes);
  if (more->cost.transform_bytes) {
    __sync_fetch_and_add(&flow->cost.transform_bytes, more->cost.transform_bytes);
    flow->cost.cipher |= more->cost.cipher;
  }
  if (more->cost.unexplained_bytes) {
    __sync_fetch_and_add(&flow->cost.unexplained_bytes, more->cost.unexplained_bytes);
    flow->cost.why |= more->cost.why; /* 5.10 has no atomic or; the next call mends a bit that another CPU undid */
  }
  if (more->sent_bytes) __sync_fetch_and_add(&flow->sent_bytes, more->sent_bytes);
  if (more->sent_linear) __sync_fetch_and_add(&flow->sent_linear, more->sent_linear);
  if (more->sent_dma) __sync_fetch_and_add(&flow->sent_dma, more->sent_dma);
  if (more->last) flow->last = more->last;
}

/* Whose bytes these are if no system call identifies them: those of a socket (the device layer runs in softirq), or of
 * a file or a socket that io_uring reads and writes. */
struct owner {
  __u64 sk;
  struct zc_place place;
  bool has_place, to_memory;
};

static __always_inline void account_socket(__u64 sk, struct zc_flow* more) {
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

#define NR_IO_URING_ENTER 426

/* In io_uring_enter or in one of io_uring's threads; not in a call that began before tracing did. */
static __always_inline bool in_io_uring(const struct call* call) {
  if (call) return call->nr == NR_IO_URING_ENTER;
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  return BPF_CORE_READ(task, flags) & PF_IO_WORKER;
}

/* Accounts a copy or reference to the call it happens in, else to its owner's flow. */
static __always_inline void account_cost(const struct owner* owner, const struct zc_edge* edge, struct call* call,
                                   __u64 bytes) {
  if (edge->by == ZC_DMA || edge->to == ZC_NIC) return;
  bool copied = edge->by == ZC_CPU;
  if (call && edge->context == ZC_SYSCALL && call->direction) {
    if (copied)
      call->cost.cpu_bytes += bytes;
    else if (edge->by == ZC_TRANSFORM)
      call->cost.transform_bytes += bytes;
    else
      call->cost.reference_bytes += bytes;
    /* From socket buffer to socket buffer they are copied or transformed on top of what brought them there. */
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
  } else if (owner->has_place) {
    struct zc_flow_key key = {.method = ZC_IO_URING, .link = ZC_UNLINKED};
    key.from.kind = key.to.kind = ZC_AT_MEMORY;
    if (owner->to_memory)
      key.from = owner->place;
    else
      key.to = owner->place;
    more.bytes = bytes;
    account_flow(&key, &more);
  } else if (copied) {
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_BYTES, bytes);
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_COPIES, 1);
  }
}
