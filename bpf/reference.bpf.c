/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* References: pages passed along, no byte moves. */

static __always_inline void count_reference(__u32 probe, __u8 from, __u8 to, __s64 bytes) {
  count_hit(probe);
  if (bytes <= 0) return;
  struct zc_target* target = active_target();
  if (!target || in_softirq()) return;
  struct call* call = current_call();
  if (call && from == ZC_FILE) from = call->made ? ZC_PIPE : call->in;
  struct zc_edge edge = {.role = target->role,
                         .from = from,
                         .to = to,
                         .by = ZC_REFERENCE,
                         .probe = probe,
                         .context = context_of(call),
                         .mechanism = ZC_EVENT};
  account_move(&edge, call, bytes);
}

/* File to pipe: pages of the page cache, unless they were filled for this call by a copy or by a device. sendfile(2) to
 * anything but a pipe goes through one of the kernel's own that no program sees: there the page's way counts once, from
 * the page cache to where it ends. */
static __always_inline void file_to_pipe(__u32 probe, struct file* file, __u64 pipe, __s64 bytes) {
  struct call* call = current_call();
  bool made = call && call->made;
  if (call && bytes > 0 && BPF_CORE_READ(file, f_flags) & O_DIRECT)
    call->made = made = 1;
  else if (call && bytes > 0 && !made)
    call->page_cache_bytes += bytes;
  if (made || is_own_pipe(pipe))
    count_hit(probe);
  else
    count_reference(probe, ZC_PAGE_CACHE, ZC_PIPE, bytes);
}

SEC("fexit/filemap_splice_read")
int ref_filemap_splice_read(__u64* ctx) {
  HOLD_CPU;
  file_to_pipe(ZC_P_ref_filemap_splice_read, (void*)ctx[0], ctx[2], (__s64)ctx[5]);
  return 0;
}

/* tmpfs has one of its own since 6.5 (bd194b187115). */
SEC("fexit/shmem_file_splice_read")
int ref_shmem_file_splice_read(__u64* ctx) {
  HOLD_CPU;
  file_to_pipe(ZC_P_ref_shmem_file_splice_read, (void*)ctx[0], ctx[2], (__s64)ctx[5]);
  return 0;
}

SEC("fexit/generic_file_splice_read")
int ref_generic_file_splice_read(__u64* ctx) {
  HOLD_CPU;
  file_to_pipe(ZC_P_ref_generic_file_splice_read, (void*)ctx[0], ctx[2], (__s64)ctx[5]);
  return 0;
}

/* Since 6.5 (MSG_SPLICE_PAGES, 2e910b95329c): pages become fragments of the socket buffer. */
SEC("fexit/skb_splice_from_iter")
int ref_skb_splice_from_iter(__u64* ctx) {
  HOLD_CPU;
  __s64 bytes = RESULT_AFTER(ctx, 3, arity_of_skb_splice_from_iter);
  struct call* call = current_call();
  if (call && bytes > 0) call->reference_bytes += bytes;
  if (sends_tls(call)) return 0; /* a record's pages, which the cipher has just written */
  count_reference(ZC_P_ref_skb_splice_from_iter, ZC_FILE, ZC_SOCKET_BUFFER, bytes);
  return 0;
}

/* Before 6.5. Falls back to a copying send where the route has no scatter-gather: then it is not reached. */
SEC("fexit/do_tcp_sendpages")
int ref_do_tcp_sendpages(__u64* ctx) {
  HOLD_CPU;
  if (sends_tls(current_call())) return 0;
  count_reference(ZC_P_ref_do_tcp_sendpages, ZC_FILE, ZC_SOCKET_BUFFER, (__s64)ctx[5]);
  return 0;
}

/* MSG_ZEROCOPY: user pages become fragments; remember whose, for skb_copy_ubufs. */
SEC("fexit/skb_zerocopy_iter_stream")
int ref_skb_zerocopy_iter_stream(__u64* ctx) {
  HOLD_CPU;
  __s64 bytes = (int)RESULT_AFTER(ctx, 5, arity_of_skb_zerocopy_iter_stream);
  __u64 sk = ctx[0], uarg = ctx[4];
  struct call* call = current_call();
  if (call && bytes > 0) call->reference_bytes += bytes;
  if (uarg && bpf_map_lookup_elem(&sockets, &sk)) bpf_map_update_elem(&zerocopies, &uarg, &sk, BPF_ANY);
  count_reference(ZC_P_ref_skb_zerocopy_iter_stream, call ? call->user : ZC_USER_BUFFER, ZC_SOCKET_BUFFER, bytes);
  return 0;
}

SEC("fexit/do_tee")
int ref_do_tee(__u64* ctx) {
  HOLD_CPU;
  count_reference(ZC_P_ref_do_tee, ZC_PIPE, ZC_PIPE, (__s64)ctx[4]);
  return 0;
}

/* Pipe to pipe: the routine for it is built into do_splice. */
SEC("fexit/do_splice")
int ref_do_splice(__u64* ctx) {
  HOLD_CPU;
  struct call* call = current_call();
  if (call && call->in == ZC_PIPE && call->out == ZC_PIPE)
    count_reference(ZC_P_ref_do_splice, ZC_PIPE, ZC_PIPE, (__s64)ctx[6]);
  else
    count_hit(ZC_P_ref_do_splice);
  return 0;
}

/* Out of a socket into a pipe: page fragments as they are; of the linear part of a buffer the page too where it is one
 * that nobody else holds (skb_head_is_locked), else it is copied (linear_to_page). */
SEC("fexit/skb_splice_bits")
int ref_skb_splice_bits(__u64* ctx) {
  HOLD_CPU;
  struct sk_buff* skb = (void*)ctx[0];
  __s64 moved = (int)ctx[6], linear = (__s64)BPF_CORE_READ(skb, len) - BPF_CORE_READ(skb, data_len) - (__u32)ctx[2];
  struct skb_shared_info* shared = (void*)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));
  struct call* call = current_call();
  if (call && BPF_CORE_READ(shared, frag_list)) call->why |= ZC_WHY_UNSEEN; /* each buffer of it has a linear part */
  bool cloned = BPF_CORE_READ_BITFIELD_PROBED(skb, cloned) && (BPF_CORE_READ(shared, dataref.counter) & 0xffff) != 1;
  if (linear < 0 || (BPF_CORE_READ_BITFIELD_PROBED(skb, head_frag) && !cloned)) linear = 0;
  if (linear > moved) linear = moved > 0 ? moved : 0;
  count_reference(ZC_P_ref_skb_splice_bits, ZC_SOCKET_BUFFER, ZC_PIPE, moved - linear);
  if (linear) count_in_kernel(ZC_P_ref_skb_splice_bits, ZC_SOCKET_BUFFER, ZC_PIPE, linear, false);
  return take_stack(ctx);
}

/* Before 6.5, when MSG_SPLICE_PAGES replaced it (dc97391e6610). */
SEC("fexit/unix_stream_sendpage")
int ref_unix_stream_sendpage(__u64* ctx) {
  HOLD_CPU;
  count_reference(ZC_P_ref_unix_stream_sendpage, ZC_FILE, ZC_SOCKET_BUFFER, (__s64)ctx[5]);
  return 0;
}
