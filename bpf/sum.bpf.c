/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The all-ftrace sum: the same copies, from the results of the leaves' callers. Cheap, for real programs; and the
 * independent second count of the cross-check. */

static __always_inline void summed(__u32 probe, enum direction direction, __s64 bytes, struct iov_iter* iter) {
  hit(probe);
  if (bytes <= 0) return;
  struct zc_target* target = active_target();
  if (!target || in_softirq()) return;
  struct call* call = current_call();
  struct zc_edge edge = {.role = target->role,
                         .by = ZC_CPU,
                         .probe = probe,
                         .mechanism = ZC_SUM,
                         .context = call ? ZC_SYSCALL : ZC_WORKER};
  bool user = !iter || is_user_backed(iter);
  edge.from = direction == FROM_ITER && user ? (call ? call->user : ZC_USER_BUFFER) : (call ? call->in : ZC_FILE);
  edge.to = direction == TO_ITER && user ? ZC_USER_BUFFER : (call ? call->out : ZC_FILE);
  moved(&edge, call, bytes);
}

/* Splice reads files through here too (5.10 and 6.1), into a pipe and without a copy: user memory only. */
static __always_inline void file_to_user(__u32 probe, __s64 bytes, struct iov_iter* iter) {
  if (is_user_backed(iter))
    summed(probe, TO_ITER, bytes, iter);
  else
    hit(probe);
}

SEC("fexit/filemap_read")
int sum_filemap_read(__u64* ctx) {
  file_to_user(ZC_P_FILEMAP_READ, (__s64)ctx[3] - (__s64)ctx[2], (void*)ctx[1]);
  return 0;
}

SEC("fexit/generic_file_buffered_read")
int sum_generic_file_buffered_read(__u64* ctx) {
  file_to_user(ZC_P_GENERIC_FILE_BUFFERED_READ, (__s64)ctx[3] - (__s64)ctx[2], (void*)ctx[1]);
  return 0;
}

SEC("fexit/shmem_file_read_iter")
int sum_shmem_file_read_iter(__u64* ctx) {
  file_to_user(ZC_P_SHMEM_FILE_READ_ITER, (__s64)ctx[2], (void*)ctx[1]);
  return 0;
}

SEC("fexit/skb_copy_datagram_iter")
int sum_skb_copy_datagram_iter(__u64* ctx) {
  if ((int)ctx[4] == 0) summed(ZC_P_SKB_COPY_DATAGRAM_ITER, TO_ITER, (int)ctx[3], (void*)ctx[2]);
  return 0;
}

/* What tcp_sendmsg_locked took, less what it took by reference (MSG_SPLICE_PAGES since 6.5, MSG_ZEROCOPY). */
SEC("fentry/tcp_sendmsg_locked")
int frame_tcp_sendmsg_locked(__u64* ctx) {
  struct call* call = current_call();
  if (call) call->reference_bytes = 0;
  return 0;
}

SEC("fexit/tcp_sendmsg_locked")
int sum_tcp_sendmsg_locked(__u64* ctx) {
  struct msghdr* message = (void*)ctx[1];
  struct call* call = current_call();
  __s64 bytes = (int)ctx[3];
  if (call && bytes > 0) bytes -= call->reference_bytes;
  summed(ZC_P_TCP_SENDMSG_LOCKED, FROM_ITER, bytes, __builtin_preserve_access_index(&message->msg_iter));
  return 0;
}

static __always_inline void pipe_read_to_user(__u64* ctx) {
  struct iov_iter* iter = (void*)ctx[1];
  if (is_user_backed(iter)) summed(ZC_P_PIPE_READ, TO_ITER, (__s64)ctx[2], iter);
}

/* Before 5.12 sendfile(2) to a pipe writes the file's pages into it like a buffer's. */
static __always_inline void pipe_written(__u64* ctx) {
  summed(ZC_P_PIPE_WRITE, FROM_ITER, (__s64)ctx[2], (void*)ctx[1]);
}

SEC("fexit/pipe_read")
int sum_pipe_read(__u64* ctx) {
  pipe_read_to_user(ctx);
  return 0;
}

SEC("fexit/pipe_write")
int sum_pipe_write(__u64* ctx) {
  pipe_written(ctx);
  return 0;
}

/* Renamed for anonymous pipes between 6.12 and 7.2. */
SEC("fexit/anon_pipe_read")
int sum_anon_pipe_read(__u64* ctx) {
  pipe_read_to_user(ctx);
  return 0;
}

SEC("fexit/anon_pipe_write")
int sum_anon_pipe_write(__u64* ctx) {
  pipe_written(ctx);
  return 0;
}

SEC("fexit/generic_perform_write")
int sum_generic_perform_write(__u64* ctx) {
  summed(ZC_P_GENERIC_PERFORM_WRITE, FROM_ITER, RESULT_AFTER(ctx, 2, arity_of_generic_perform_write), (void*)ctx[1]);
  return 0;
}
