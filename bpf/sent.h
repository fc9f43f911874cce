/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Whose bytes a socket sends: they leave it after the call that wrote them, mixed with those of others. A TCP socket's
 * are known by where they lie in its stream; of others by what was written last. */
#pragma once

static __always_inline __u32 sequence_of_next(__u64 sk) {
  return KERNEL(sock, sk, sk_protocol) == IPPROTO_TCP ? KERNEL(tcp_sock, sk, write_seq) : 0;
}

static __always_inline bool is_same_place(const struct zc_place* a, const struct zc_place* b) {
  return a->ino == b->ino && a->dev == b->dev && a->kind == b->kind && a->born == b->born;
}

static __always_inline bool is_same_process(const struct zc_process* a, const struct zc_process* b) {
  return a->tgid == b->tgid && a->since == b->since;
}

static __always_inline bool is_same_flow(const struct zc_flow_key* a, const struct zc_flow_key* b) {
  return is_same_place(&a->from, &b->from) && is_same_place(&a->to, &b->to) && a->method == b->method &&
         a->link == b->link && is_same_process(&a->process, &b->process);
}

/* From this byte on what is written belongs to call->sent.flow. */
static __always_inline void note_sent_flow(struct call* call, __u64 sk, __u32 sequence) {
  struct traced_socket* socket = bpf_map_lookup_elem(&sockets, &sk);
  if (!socket || (socket->sends && is_same_flow(&socket->flow, &call->sent.flow))) return;
  socket->flow = call->sent.flow;
  socket->sequence = sequence;
  call->sent.number = socket->sends++;
  call->sent.sequence = sequence;
  struct sent_key key = {.sk = sk, .slot = call->sent.number % SENT_FLOWS};
  bpf_map_update_elem(&sent_flows, &key, &call->sent, BPF_ANY);
}

/* The slot of what was written last at that place of the stream; SENT_FLOWS: none. Not inlined: the verifier then checks
 * it once. */
__noinline int find_sent_flow(__u64 sk, __u32 sequence) {
  struct traced_socket* socket = bpf_map_lookup_elem(&sockets, &sk);
  if (!socket) return SENT_FLOWS;
  __u32 number = socket->sends;
  for (__u32 i = 0; i < SENT_FLOWS; i++) {
    number--;
    struct sent_key key = {.sk = sk, .slot = number % SENT_FLOWS};
    struct sent_flow* sent = bpf_map_lookup_elem(&sent_flows, &key);
    if (!sent || sent->number != number) return SENT_FLOWS;
    if ((__s32)(sequence - sent->sequence) >= 0) return key.slot;
  }
  return SENT_FLOWS;
}
