/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How many bytes a finished system call moved, where its result is another number, and what is known from that alone. */
#pragma once

#define MESSAGES 32 /* of 32 each: UIO_MAXIOV */

/* struct tcp_zerocopy_receive: the pages that were mapped, and what was copied for want of whole ones. */
struct zerocopy_received {
  __u64 address;
  __u32 length, skip_hint, in_queue;
  __s32 error;
  __u64 copy_address;
  __s32 copy_length; /* since 5.11 (18fb76ed5386) */
};

static __always_inline void account_result(struct call* call, __u32 role, __u32 probe, __u8 by,
                                           __u8 mechanism, __u64 bytes) {
  struct zc_edge edge = {.role = role,
                         .from = call->in,
                         .to = call->out,
                         .by = by,
                         .context = ZC_SYSCALL,
                         .mechanism = mechanism,
                         .probe = probe};
  account_move(&edge, call, bytes);
}

/* The same of calls that are rare. Not inlined: the verifier then checks it once. */
__noinline int account_rare_result(__u32 probe, __u8 by, __u8 mechanism, __u64 bytes) {
  struct zc_target* target = current_target();
  struct call* call = current_call();
  if (target && call) account_result(call, target->role, probe, by, mechanism, bytes);
  return 0;
}

static __always_inline long zerocopy_bytes(struct call* call) {
  struct zerocopy_received received = {};
  __u32 bytes = 0; /* of it that this kernel and program know */
  bpf_probe_read_user(&bytes, sizeof bytes, (void*)call->second.address);
  if (bytes > sizeof received) bytes = sizeof received;
  if (bpf_probe_read_user(&received, bytes, (void*)call->zerocopy_receive) || received.copy_length < 0) return 0;
  call->piece.address = received.address;
  call->piece.bytes = received.length;
  call->second.address = received.copy_address;
  call->second.bytes = received.copy_length;
  call->cursor.in_message = ~0ull;
  account_rare_result(ZC_P_TCP_ZEROCOPY_RECEIVE, ZC_REFERENCE, ZC_EVENT, received.length);
  return received.length + received.copy_length;
}

__noinline int add_message_length(__u32 index) {
  struct call* call = current_call();
  __u32 length = 0;
  if (!call || index >= call->cursor.messages) return 0;
  __u64 message = call->cursor.message + (__u64)index * MMSGHDR_BYTES;
  bpf_probe_read_user(&length, sizeof length, (void*)(message + MMSGHDR_LENGTH));
  call->all_bytes += length;
  return 1;
}

__noinline int add_message_lengths(__u32 first) {
  for (__u32 i = 0; i < MESSAGES; i++)
    if (!add_message_length(first + i)) return 0;
  return 1;
}

static __always_inline long message_bytes(struct call* call, long messages) {
  call->cursor.messages = messages;
  call->cursor.in_message = 0;
  call->all_bytes = 0;
  for (__u32 i = 0; i < MESSAGES; i++)
    if (!add_message_lengths(i * MESSAGES)) break;
  return call->all_bytes;
}

static __always_inline long bytes_moved(struct call* call, long result) {
  if (call->zerocopy_receive) return result ? 0 : zerocopy_bytes(call);
  if (result <= 0) return result;
  if (call->flow.method == ZC_PROCESS_VM && call->direction)
    account_rare_result(ZC_P_PROCESS_VM, ZC_CPU, ZC_SUM, result);
  if (call->truncate) return call->explained_bytes; /* the rest was dropped */
  if (call->nr == NR_SENDMMSG || call->nr == NR_RECVMMSG) return message_bytes(call, result);
  return result;
}
