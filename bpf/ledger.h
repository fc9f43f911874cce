/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The ledger: what is done with every copy, reference and DMA transfer. */
#pragma once

static __always_inline void add_to_ledger(struct zc_edge* edge, __u64 bytes) {
  struct zc_moved* moved = bpf_map_lookup_elem(&edges, edge);
  if (!moved) {
    struct zc_moved none = {};
    bpf_map_update_elem(&edges, edge, &none, BPF_NOEXIST);
    moved = bpf_map_lookup_elem(&edges, edge);
  }
  if (!moved) {
    add_sum(edge->role ? ZC_RECEIVER : ZC_SENDER, ZC_S_UNLEDGERED, 1);
    return;
  }
  if (bytes) __sync_fetch_and_add(&moved->bytes, bytes);
  __sync_fetch_and_add(&moved->calls, 1);
}

static __always_inline bool fold(struct zc_folded* slot, const struct zc_edge* edge, __u64 bytes, __u64 since) {
  if (!slot->calls) {
    slot->probe = edge->probe;
    slot->from = edge->from;
    slot->to = edge->to;
    slot->by = edge->by;
    slot->at = bpf_ktime_get_ns() - since;
    slot->bytes = 0;
  } else if (slot->probe != edge->probe || slot->from != edge->from || slot->to != edge->to || slot->by != edge->by) {
    return false;
  }
  slot->calls += 1;
  slot->bytes += bytes;
  return true;
}

/* The call whose record shows what is moved: a request has none, but in a run the call that it is worked on in. */
static __always_inline struct call* call_to_show(struct call* call) {
  if (!call || !call->is_request) return call;
  return follow_programs ? 0 : current_system_call();
}

/* Adds bytes moved to the ledger, to the owner's flow, and to the timeline: folded into the system call they moved in,
 * else as an event of their own. */
static __always_inline void account_move_for(const struct owner* owner, struct zc_edge* edge, struct call* call,
                                             __u64 bytes) {
  if (!bytes) return;
  add_to_ledger(edge, bytes);
  if (edge->mechanism == ZC_SUM && !sum_is_timeline) return; /* the same bytes again, for the cross-check */
  if (follow_programs) account_cost(owner, edge, call, bytes);
  struct call* shown = edge->context == ZC_SYSCALL ? call_to_show(call) : 0;
  if (shown && (fold(&shown->folded[0], edge, bytes, shown->t) || fold(&shown->folded[1], edge, bytes, shown->t))) return;
  struct zc_record* record = new_record(ZC_K_COPY, edge->role, ZC_RECORD_SHORT);
  if (!record) return;
  record->probe = edge->probe;
  record->via = edge->via;
  record->count = 1;
  record->bytes = bytes;
  record->from = edge->from;
  record->to = edge->to;
  record->by = edge->by;
  record->context = edge->context;
  submit(record);
}

static __always_inline void account_move(struct zc_edge* edge, struct call* call, __u64 bytes) {
  struct owner nobody = {};
  account_move_for(&nobody, edge, call, bytes);
}

/* What a call decrypted went straight into the reader's memory, unless it was copied there from a buffer of the
 * kernel's; that may be in a later call. Not inlined: its caller's stack is full. */
__noinline int account_deciphered(__s64 result) {
  struct zc_target* target = active_target();
  struct call* call = current_call();
  if (!target || !call) return 0;
  struct zc_edge edge = {.role = target->role,
                         .from = ZC_SOCKET_BUFFER,
                         .to = ZC_USER_BUFFER,
                         .by = ZC_TRANSFORM,
                         .cipher = call->cost.cipher,
                         .probe = ZC_P_tls_decrypt,
                         .mechanism = ZC_EVENT,
                         .context = ZC_SYSCALL};
  __u64 moved = result > 0 && call->direction == DIRECTION_IN ? result : 0, straight = 0;
  if (moved > call->explained_bytes) straight = moved - call->explained_bytes;
  if (straight > call->deciphered) straight = call->deciphered;
  account_move(&edge, call, straight);
  edge.to = ZC_SOCKET_BUFFER;
  account_move(&edge, call, call->deciphered - straight);
  return 0;
}
