/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* References: pages passed along, no byte moves. */

static __always_inline void count_reference(__u32 probe, __u8 from, __u8 to, __s64 bytes) {
  count_hit(probe);
  if (bytes <= 0) return;
  struct zc_target* target = active_target();
  if (!target || in_softirq()) return;
  struct call* call = current_call();
  if (call && from == ZC_FILE) from = call->in;
  struct zc_edge edge = {.role = target->role,
                         .from = from,
                         .to = to,
                         .by = ZC_REFERENCE,
                         .probe = probe,
                         .context = context_of(call),
                         .mechanism = ZC_EVENT};
  account_move(&edge, call, bytes);
}

/* File to pipe. sendfile(2) to anything but a pipe goes through one of the kernel's own that no program sees: there the
 * page's way counts once, from the page cache to where it ends. */
static __always_inline void file_to_pipe(__u32 probe, __u64 pipe, __s64 bytes) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct call* call = current_call();
  if (call && bytes > 0) call->page_cache_bytes += bytes;
  if (pipe == (__u64)BPF_CORE_READ(task, splice_pipe))
    count_hit(probe);
  else
    count_reference(probe, ZC_PAGE_CACHE, ZC_PIPE, bytes);
}

SEC("fexit/filemap_splice_read")
int ref_filemap_splice_read(__u64* ctx) {
  file_to_pipe(ZC_P_ref_filemap_splice_read, ctx[2], (__s64)ctx[5]);
  return 0;
}

/* tmpfs has one of its own since 6.5 (bd194b187115). */
SEC("fexit/shmem_file_splice_read")
int ref_shmem_file_splice_read(__u64* ctx) {
  file_to_pipe(ZC_P_ref_shmem_file_splice_read, ctx[2], (__s64)ctx[5]);
  return 0;
}

SEC("fexit/generic_file_splice_read")
int ref_generic_file_splice_read(__u64* ctx) {
  file_to_pipe(ZC_P_ref_generic_file_splice_read, ctx[2], (__s64)ctx[5]);
  return 0;
}

/* Since 6.5 (MSG_SPLICE_PAGES, 2e910b95329c): pages become fragments of the socket buffer. */
SEC("fexit/skb_splice_from_iter")
int ref_skb_splice_from_iter(__u64* ctx) {
  __s64 bytes = RESULT_AFTER(ctx, 3, arity_of_skb_splice_from_iter);
  struct call* call = current_call();
  if (call && bytes > 0) call->reference_bytes += bytes;
  count_reference(ZC_P_ref_skb_splice_from_iter, ZC_FILE, ZC_SOCKET_BUFFER, bytes);
  return 0;
}

/* Before 6.5. Falls back to a copying send where the route has no scatter-gather: then it is not reached. */
SEC("fexit/do_tcp_sendpages")
int ref_do_tcp_sendpages(__u64* ctx) {
  count_reference(ZC_P_ref_do_tcp_sendpages, ZC_FILE, ZC_SOCKET_BUFFER, (__s64)ctx[5]);
  return 0;
}

/* MSG_ZEROCOPY: user pages become fragments; remember whose, for skb_copy_ubufs. */
SEC("fexit/skb_zerocopy_iter_stream")
int ref_skb_zerocopy_iter_stream(__u64* ctx) {
  __s64 bytes = (int)RESULT_AFTER(ctx, 5, arity_of_skb_zerocopy_iter_stream);
  __u64 sk = ctx[0], uarg = ctx[4];
  struct call* call = current_call();
  if (call && bytes > 0) call->reference_bytes += bytes;
  if (uarg && bpf_map_lookup_elem(&sockets, &sk)) bpf_map_update_elem(&zerocopies, &uarg, &sk, BPF_ANY);
  count_reference(ZC_P_ref_skb_zerocopy_iter_stream, ZC_USER_BUFFER, ZC_SOCKET_BUFFER, bytes);
  return 0;
}

SEC("fexit/do_tee")
int ref_do_tee(__u64* ctx) {
  count_reference(ZC_P_ref_do_tee, ZC_PIPE, ZC_PIPE, (__s64)ctx[4]);
  return 0;
}

/* Pipe to pipe: the routine for it is built into do_splice. */
SEC("fexit/do_splice")
int ref_do_splice(__u64* ctx) {
  struct call* call = current_call();
  if (call && call->in == ZC_PIPE && call->out == ZC_PIPE)
    count_reference(ZC_P_ref_do_splice, ZC_PIPE, ZC_PIPE, (__s64)ctx[6]);
  else
    count_hit(ZC_P_ref_do_splice);
  return 0;
}
