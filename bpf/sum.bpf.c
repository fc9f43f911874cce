/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The all-ftrace sum: the same copies, from the results of the leaves' callers. Cheap, for real programs; and the
 * independent second count of the cross-check. */

static __always_inline struct file* file_of_socket(struct sock* sk) {
  struct socket* socket = BPF_CORE_READ(sk, sk_socket);
  return socket ? BPF_CORE_READ(socket, file) : 0;
}

static __always_inline struct file* file_of_request(__u64 request) {
  struct kiocb* iocb = (void*)request;
  return BPF_CORE_READ(iocb, ki_filp);
}

/* `file`, `sk`: whichever the hook knows, for the flows of programs that use io_uring. */
static __always_inline void count_sum(__u32 probe, enum iter_direction direction, __s64 bytes, struct iov_iter* iter,
                                      struct file* file, struct sock* sk) {
  count_hit(probe);
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
  if (follow_programs && call && direction == FROM_ITER && file) {
    struct inode* inode = BPF_CORE_READ(file, f_inode);
    call->pages.ino = BPF_CORE_READ(inode, i_ino);
    call->pages.dev = BPF_CORE_READ(inode, i_sb, s_dev);
  }
  struct owner owner = {.to_memory = direction == TO_ITER};
  if (follow_programs && user && in_io_uring(call)) {
    if (sk) file = file_of_socket(sk);
    owner.has_place = file != 0;
    if (file) owner.place = place_of_file(file);
  }
  account_move_for(&owner, &edge, call, bytes);
}

/* Splice reads files through here too (5.10 and 6.1), into a pipe and without a copy: user memory only. */
static __always_inline void file_to_user(__u32 probe, __s64 bytes, struct iov_iter* iter, __u64 request) {
  if (is_user_backed(iter))
    count_sum(probe, TO_ITER, bytes, iter, file_of_request(request), 0);
  else
    count_hit(probe);
}

SEC("fexit/filemap_read")
int sum_filemap_read(__u64* ctx) {
  file_to_user(ZC_P_sum_filemap_read, (__s64)ctx[3] - (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return 0;
}

SEC("fexit/generic_file_buffered_read")
int sum_generic_file_buffered_read(__u64* ctx) {
  file_to_user(ZC_P_sum_generic_file_buffered_read, (__s64)ctx[3] - (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return 0;
}

SEC("fexit/shmem_file_read_iter")
int sum_shmem_file_read_iter(__u64* ctx) {
  file_to_user(ZC_P_sum_shmem_file_read_iter, (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return 0;
}

SEC("fexit/skb_copy_datagram_iter")
int sum_skb_copy_datagram_iter(__u64* ctx) {
  struct sk_buff* skb = (void*)ctx[0];
  if ((int)ctx[4] == 0)
    count_sum(ZC_P_sum_skb_copy_datagram_iter, TO_ITER, (int)ctx[3], (void*)ctx[2], 0, BPF_CORE_READ(skb, sk));
  return 0;
}

/* Into a Unix socket. */
SEC("fexit/skb_copy_datagram_from_iter")
int sum_skb_copy_datagram_from_iter(__u64* ctx) {
  struct sk_buff* skb = (void*)ctx[0];
  if ((int)ctx[4] == 0)
    count_sum(ZC_P_sum_skb_copy_datagram_from_iter, FROM_ITER, (int)ctx[3], (void*)ctx[2], 0, BPF_CORE_READ(skb, sk));
  return 0;
}

/* What tcp_sendmsg_locked took, less what it took by reference (MSG_SPLICE_PAGES since 6.5, MSG_ZEROCOPY). */
SEC("fentry/tcp_sendmsg_locked")
int frame_tcp_sendmsg_locked(__u64* ctx) {
  count_hit(ZC_P_frame_tcp_sendmsg_locked);
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
  count_sum(ZC_P_sum_tcp_sendmsg_locked, FROM_ITER, bytes, __builtin_preserve_access_index(&message->msg_iter),
            0, (void*)ctx[0]);
  return 0;
}

static __always_inline void count_pipe_read(__u32 probe, __u64* ctx) {
  struct iov_iter* iter = (void*)ctx[1];
  if (is_user_backed(iter)) count_sum(probe, TO_ITER, (__s64)ctx[2], iter, file_of_request(ctx[0]), 0);
}

/* Before 5.12 sendfile(2) to a pipe writes the file's pages into it like a buffer's. */
static __always_inline void count_pipe_write(__u32 probe, __u64* ctx) {
  count_sum(probe, FROM_ITER, (__s64)ctx[2], (void*)ctx[1], file_of_request(ctx[0]), 0);
}

SEC("fexit/pipe_read")
int sum_pipe_read(__u64* ctx) {
  count_pipe_read(ZC_P_sum_pipe_read, ctx);
  return 0;
}

SEC("fexit/pipe_write")
int sum_pipe_write(__u64* ctx) {
  count_pipe_write(ZC_P_sum_pipe_write, ctx);
  return 0;
}

/* Anonymous pipes have functions of their own since 6.15 (262b2fa99cbe). */
SEC("fexit/anon_pipe_read")
int sum_anon_pipe_read(__u64* ctx) {
  count_pipe_read(ZC_P_sum_anon_pipe_read, ctx);
  return 0;
}

SEC("fexit/anon_pipe_write")
int sum_anon_pipe_write(__u64* ctx) {
  count_pipe_write(ZC_P_sum_anon_pipe_write, ctx);
  return 0;
}

SEC("fexit/generic_perform_write")
int sum_generic_perform_write(__u64* ctx) {
  /* Before 5.18 (800ba29547e1) it takes the file itself, as a pointer that 5.10's verifier passes to no other function:
   * read as a plain number. */
  struct file* file = 0;
  if (arity_of_generic_perform_write == 3)
    bpf_probe_read_kernel(&file, sizeof file, ctx);
  else
    file = file_of_request(ctx[0]);
  count_sum(ZC_P_sum_generic_perform_write, FROM_ITER, RESULT_AFTER(ctx, 2, arity_of_generic_perform_write),
            (void*)ctx[1], file, 0);
  return 0;
}

/* Files that are made up as they are read: /proc, most of /sys. */
SEC("fexit/seq_read_iter")
int sum_seq_read_iter(__u64* ctx) {
  struct call* call = current_call();
  if (call && !is_user_backed((void*)ctx[1])) call->why |= ZC_WHY_UNSEEN; /* copied into pages that are then passed on */
  file_to_user(ZC_P_sum_seq_read_iter, (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return 0;
}

SEC("fexit/get_random_bytes_user")
int sum_get_random_bytes_user(__u64* ctx) {
  count_sum(ZC_P_sum_get_random_bytes_user, TO_ITER, (__s64)ctx[1], (void*)ctx[0], 0, 0);
  return 0;
}

/* Into UDP's buffers; returns 0 when it has copied its length. */
SEC("fexit/ip_generic_getfrag")
int sum_ip_generic_getfrag(__u64* ctx) {
  if ((int)ctx[6] == 0) count_sum(ZC_P_sum_ip_generic_getfrag, FROM_ITER, (int)ctx[3], 0, 0, 0);
  return 0;
}

/* xfs. What follows the first three arguments differs by kernel. */
SEC("fexit/iomap_file_buffered_write")
int sum_iomap_file_buffered_write(__u64* ctx) {
  __s64 bytes = arity_of_iomap_file_buffered_write == 3   ? ARGUMENT(ctx, 3)
                : arity_of_iomap_file_buffered_write == 4 ? ARGUMENT(ctx, 4)
                                                          : ARGUMENT(ctx, 5);
  count_sum(ZC_P_sum_iomap_file_buffered_write, FROM_ITER, bytes, (void*)ctx[1], file_of_request(ctx[0]), 0);
  return 0;
}
