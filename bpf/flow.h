/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sums by flow: source, destination and method. */
#pragma once

/* Of what finds no place the bytes stay without a stack. */
static __always_inline void add_copier(struct zc_cost* to, __u64 stack, __u64 bytes, __u64 calls) {
  for (int i = 0; i < ZC_COPIERS; i++) {
    struct zc_copier* by = &to->by[i];
    if (by->bytes && by->stack != stack) continue;
    by->stack = stack;
    by->bytes += bytes;
    by->calls += calls;
    return;
  }
}

/* Not inlined: its callers' stacks are full. */
__noinline int account_copier(__u64 flow, __u32 at, __u64 stack, __u64 bytes, __u64 calls) {
  struct zc_copier_key key = {.flow = flow, .stack = stack, .generation = at};
  struct zc_copied* sum = bpf_map_lookup_elem(&copiers, &key);
  if (!sum) {
    struct zc_copied none = {};
    bpf_map_update_elem(&copiers, &key, &none, BPF_NOEXIST); /* fails if another CPU has just inserted it */
    sum = bpf_map_lookup_elem(&copiers, &key);
  }
  if (!sum) return 0;
  if (bytes) __sync_fetch_and_add(&sum->bytes, bytes);
  if (calls) __sync_fetch_and_add(&sum->calls, calls);
  return 0;
}

static __always_inline void account_copiers(const struct zc_flow_key* key, const struct zc_cost* cost) {
  if (!keep_stacks || !cost->by[0].bytes) return;
  __u64 flow = zc_number_of_flow(key);
  for (int i = 0; i < ZC_COPIERS; i++)
    if (cost->by[i].bytes)
      account_copier(flow, key->generation, cost->by[i].stack, cost->by[i].bytes, cost->by[i].calls);
}

static __always_inline void add_cost(struct zc_cost* to, const struct zc_cost* more) {
  to->calls += more->calls;
  to->requests += more->requests;
  to->cpu_bytes += more->cpu_bytes;
  to->buffer_bytes += more->buffer_bytes;
  to->tls_bytes += more->tls_bytes;
  to->reference_bytes += more->reference_bytes;
  to->disk_bytes += more->disk_bytes;
  to->transform_bytes += more->transform_bytes;
  to->cipher |= more->cipher;
  to->written_bytes += more->written_bytes;
  to->unexplained_bytes += more->unexplained_bytes;
  to->why |= more->why;
}

static const struct zc_flow_sum no_flow = {}; /* a program's stack is too small for one */

/* Null: there is no room for the flow. */
static __always_inline struct zc_flow_sum* account_flow(struct zc_flow_key* key, const struct zc_flow* more) {
  key->generation = generation;
  struct zc_flow_sum* sum = bpf_map_lookup_elem(&flows, key);
  if (!sum) {
    bpf_map_update_elem(&flows, key, &no_flow, BPF_NOEXIST); /* fails if another CPU has just inserted it */
    __sync_fetch_and_add(&new_entries, 1);
    sum = bpf_map_lookup_elem(&flows, key);
  }
  if (!sum) {
    add_sum(ZC_SENDER, ZC_S_DROPPED_CALLS, more->cost.calls + more->cost.requests);
    add_sum(ZC_SENDER, ZC_S_DROPPED_BYTES, more->bytes);
    return 0;
  }
  struct zc_flow* flow = &sum->flow;
  if (more->bytes) __sync_fetch_and_add(&flow->bytes, more->bytes);
  if (more->repeated_bytes) __sync_fetch_and_add(&flow->repeated_bytes, more->repeated_bytes);
  if (more->cost.calls) __sync_fetch_and_add(&flow->cost.calls, more->cost.calls);
  if (more->cost.requests) __sync_fetch_and_add(&flow->cost.requests, more->cost.requests);
  if (more->cost.cpu_bytes) __sync_fetch_and_add(&flow->cost.cpu_bytes, more->cost.cpu_bytes);
  if (more->cost.buffer_bytes) __sync_fetch_and_add(&flow->cost.buffer_bytes, more->cost.buffer_bytes);
  if (more->cost.tls_bytes) __sync_fetch_and_add(&flow->cost.tls_bytes, more->cost.tls_bytes);
  if (more->cost.reference_bytes) __sync_fetch_and_add(&flow->cost.reference_bytes, more->cost.reference_bytes);
  if (more->cost.disk_bytes) __sync_fetch_and_add(&flow->cost.disk_bytes, more->cost.disk_bytes);
  if (more->cost.transform_bytes) {
    __sync_fetch_and_add(&flow->cost.transform_bytes, more->cost.transform_bytes);
    flow->cost.cipher |= more->cost.cipher;
  }
  if (more->cost.written_bytes) __sync_fetch_and_add(&flow->cost.written_bytes, more->cost.written_bytes);
  if (more->written_later) __sync_fetch_and_add(&flow->written_later, more->written_later);
  if (more->cost.unexplained_bytes) {
    __sync_fetch_and_add(&flow->cost.unexplained_bytes, more->cost.unexplained_bytes);
  }
  /* 5.10 has no atomic or; the next call mends a bit that another CPU undid */
  if (more->cost.why & ~flow->cost.why) flow->cost.why |= more->cost.why;
  if (more->refused) {
    if (!flow->error) flow->error = more->error;
    if (flow->error == more->error) __sync_fetch_and_add(&flow->refused, more->refused);
  }
  if (more->sent_bytes) __sync_fetch_and_add(&flow->sent_bytes, more->sent_bytes);
  if (more->sent_linear) __sync_fetch_and_add(&flow->sent_linear, more->sent_linear);
  if (more->sent_dma) __sync_fetch_and_add(&flow->sent_dma, more->sent_dma);
  if (!flow->first) flow->first = more->last;
  if (more->last) flow->last = more->last;
  account_copiers(key, &more->cost);
  return sum;
}

/* Whose bytes these are if no call identifies them: those of a socket (the device layer runs in softirq). */
struct owner {
  __u64 sk;
  __u32 sequence; /* TCP's, of their first byte */
  bool has_sequence;
};

static __always_inline void account_socket(const struct owner* owner, const struct zc_flow* more) {
  struct traced_socket* socket = socket_of(owner->sk);
  if (!socket) return;
  struct zc_flow_key key = socket->flow;
  bool known = socket->sends;
  if (known && owner->has_sequence && (__s32)(owner->sequence - socket->sequence) < 0) {
    struct sent_key at = {.sk = owner->sk, .slot = find_sent_flow(owner->sk, owner->sequence)};
    struct sent_flow* sent = bpf_map_lookup_elem(&sent_flows, &at);
    if (sent) key = sent->flow;
    known = sent;
  }
  if (known) {
    account_flow(&key, more);
    struct cpu_state* cpu = keep_stacks && more->cost.cpu_bytes ? this_cpu() : 0;
    if (cpu) {
      cpu->due_flow = zc_number_of_flow(&key);
      cpu->due_generation = key.generation;
      cpu->due_bytes = more->cost.cpu_bytes;
    }
  } else {
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_BYTES, more->cost.cpu_bytes);
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_COPIES, more->cost.cpu_bytes != 0);
  }
}

/* Accounts a copy or reference to the call it happens in, else to its owner's flow. */
static __always_inline void account_cost(const struct owner* owner, const struct zc_edge* edge, struct call* call,
                                   __u64 bytes) {
  if (edge->by == ZC_DMA || edge->to == ZC_NIC) return;
  bool copied = edge->by == ZC_CPU;
  bool in_buffers = edge->from == ZC_SOCKET_BUFFER && edge->to == ZC_SOCKET_BUFFER;
  if (call && edge->context != ZC_SOFTIRQ && call->direction) {
    if (copied) {
      call->cost.cpu_bytes += bytes;
      if (keep_stacks) {
        call->unstacked += bytes;
        call->unstacked_by = edge->probe;
      }
    } else if (edge->by == ZC_TRANSFORM)
      call->cost.transform_bytes += bytes;
    else
      call->cost.reference_bytes += bytes;
    if (copied && in_buffers) call->cost.buffer_bytes += bytes;
    /* From socket buffer to socket buffer they are copied or transformed on top of what brought them there; into pages that are filled
     * for this call on top of what passes these on; to or from a disk on top of what the call does with the pages. */
    bool on_top = in_buffers ||
                  (edge->from == ZC_FILE && edge->to == ZC_PIPE && call->out != ZC_PIPE) || edge->from == ZC_DISK ||
                  edge->to == ZC_DISK;
    if (!on_top) call->explained_bytes += bytes;
    return;
  }
  struct zc_flow more = {.last = bpf_ktime_get_ns()};
  if (copied)
    more.cost.cpu_bytes = bytes;
  else
    more.cost.reference_bytes = bytes;
  if (copied && in_buffers) more.cost.buffer_bytes = bytes;
  if (owner->sk) {
    account_socket(owner, &more);
    struct cpu_state* cpu = keep_stacks ? this_cpu() : 0;
    if (cpu) cpu->due_by = edge->probe;
  } else if (copied) {
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_BYTES, bytes);
    add_sum(ZC_SENDER, ZC_S_UNATTRIBUTED_COPIES, 1);
  }
}
