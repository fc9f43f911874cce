/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The all-ftrace sum: the same copies, from the results of the leaves' callers. Cheap, for real programs; and the
 * independent second count of the cross-check. */

static __always_inline struct file* file_of_kiocb(__u64 request) {
  struct kiocb* iocb = (void*)request;
  return BPF_CORE_READ(iocb, ki_filp);
}

static __always_inline void count_sum(__u32 probe, enum iter_direction direction, __s64 bytes, struct iov_iter* iter) {
  count_hit(probe);
  if (bytes <= 0) return;
  struct zc_target* target = active_target();
  if (!target || in_softirq()) return;
  struct call* call = current_call();
  struct zc_edge edge = {.role = target->role,
                         .by = ZC_CPU,
                         .probe = probe,
                         .mechanism = ZC_SUM,
                         .context = context_of(call)};
  bool user = !iter || is_user_backed(iter);
  set_ends(&edge, direction, user, call);
  if (call) call->iterated += bytes;
  account_move(&edge, call, bytes);
}

/* Whose pages a call writes to: of an overlay's file, not its own. */
static __always_inline void note_pages(struct file* file) {
  struct call* call = follow_programs ? current_call() : 0;
  if (!call) return;
  struct inode* inode = BPF_CORE_READ(file, f_inode);
  call->pages.ino = BPF_CORE_READ(inode, i_ino);
  call->pages.dev = BPF_CORE_READ(inode, i_sb, s_dev);
}

/* The result of a function that calls others of the sum: what they did not count. */
static __always_inline void start_frame(__u32 probe) {
  count_hit(probe);
  struct call* call = current_call();
  if (call) call->iterated = 0;
}

static __always_inline __s64 without_iterated(__s64 bytes) {
  struct call* call = current_call();
  __s64 counted = call ? call->iterated : 0;
  return bytes > counted ? bytes - counted : 0;
}

/* A copy inside the kernel that no breakpoint sees: it has no second count. `on_top`: of bytes that the call is seen to
 * move in another place too. */
static __always_inline void count_in_kernel(__u32 probe, __u8 from, __u8 to, __s64 bytes, bool on_top) {
  count_hit(probe);
  struct zc_target* target = active_target();
  if (!target || in_softirq() || bytes <= 0) return;
  struct call* call = current_call();
  struct zc_edge edge = {.role = target->role,
                         .from = from,
                         .to = to,
                         .by = ZC_CPU,
                         .probe = probe,
                         .mechanism = ZC_LEAF,
                         .context = context_of(call)};
  __u64 explained = call ? call->explained_bytes : 0;
  account_move(&edge, call, bytes);
  if (call && on_top) call->explained_bytes = explained;
}

/* Is it the kernel's own pipe, that sendfile(2) goes through? */
static __always_inline bool is_own_pipe(__u64 pipe) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  return pipe == (__u64)BPF_CORE_READ(task, splice_pipe);
}

/* Copied into pages that are filled for this call, to be passed on. */
static __always_inline void fill_pages(__u32 probe, __s64 bytes, struct iov_iter* iter) {
  struct call* call = current_call();
  if (call && bytes > 0) {
    call->made = 1;
    call->page_cache_bytes += bytes;
  }
  count_sum(probe, TO_ITER, bytes, iter);
}

static __always_inline bool is_direct(__u64 request) {
  struct file* file = file_of_kiocb(request);
  return BPF_CORE_READ(file, f_flags) & O_DIRECT;
}

/* Splice reads files through here too. Into a pipe (before 6.5) it takes their pages; into pages of its own it copies, as
 * copy_splice_read makes it do where a file that is open for direct I/O has none. User memory else. */
static __always_inline void file_to_user(__u32 probe, __s64 bytes, struct iov_iter* iter, __u64 request) {
  if (is_memory(iter))
    count_sum(probe, TO_ITER, bytes, iter);
  else if (is_direct(request) && !is_pipe(iter))
    fill_pages(probe, bytes, iter);
  else
    count_hit(probe);
}

/* Files that are made up as they are read have no pages to take: they are copied always. */
static __always_inline void text_to_user(__u32 probe, __s64 bytes, struct iov_iter* iter, __u64 request) {
  if (is_memory(iter))
    file_to_user(probe, bytes, iter, request);
  else
    fill_pages(probe, bytes, iter);
}

SEC("fexit/filemap_read")
int sum_filemap_read(__u64* ctx) {
  HOLD_CPU;
  file_to_user(ZC_P_sum_filemap_read, (__s64)ctx[3] - (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return take_stack(ctx);
}

SEC("fexit/generic_file_buffered_read")
int sum_generic_file_buffered_read(__u64* ctx) {
  HOLD_CPU;
  file_to_user(ZC_P_sum_generic_file_buffered_read, (__s64)ctx[3] - (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return take_stack(ctx);
}

SEC("fexit/shmem_file_read_iter")
int sum_shmem_file_read_iter(__u64* ctx) {
  HOLD_CPU;
  file_to_user(ZC_P_sum_shmem_file_read_iter, (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return take_stack(ctx);
}

/* Where a fexit program may be preempted (7.2, real-time kernels) the kernel skips it for every other task that comes
 * there on the same CPU: two readers of one run did. What it was to count was announced by the function's own tracepoint,
 * by perf, which disables preemption; it is counted when the next one is announced, or at the call's end. */
static __always_inline void count_announced(struct call* call) {
  if (!call || !call->announced) return;
  __s64 bytes = call->announced;
  call->announced = 0;
  count_sum(ZC_P_sum_skb_copy_datagram_iter, TO_ITER, bytes, 0);
}

__noinline int account_announced(void) {
  count_announced(current_system_call());
  return 0;
}

SEC("tp/skb/skb_copy_datagram_iovec")
int announce_skb_copy_datagram_iter(struct trace_event_raw_skb_copy_datagram_iovec* ctx) {
  count_hit(ZC_P_announce_skb_copy_datagram_iter);
  if (in_softirq()) return PASS_TO_PERF;
  struct call* call = current_system_call();
  count_announced(call);
  if (call && ctx->len > 0) call->announced = ctx->len;
  return PASS_TO_PERF;
}

SEC("fexit/skb_copy_datagram_iter")
int sum_skb_copy_datagram_iter(__u64* ctx) {
  HOLD_CPU;
  struct call* call = current_system_call();
  if (call) call->announced = 0;
  if ((int)ctx[4] == 0)
    count_sum(ZC_P_sum_skb_copy_datagram_iter, TO_ITER, (int)ctx[3], (void*)ctx[2]);
  return take_stack(ctx);
}

/* Into a Unix socket. */
SEC("fexit/skb_copy_datagram_from_iter")
int sum_skb_copy_datagram_from_iter(__u64* ctx) {
  HOLD_CPU;
  if ((int)ctx[4] == 0)
    count_sum(ZC_P_sum_skb_copy_datagram_from_iter, FROM_ITER, (int)ctx[3], (void*)ctx[2]);
  return take_stack(ctx);
}

/* A record of kernel TLS, where the route has no scatter-gather: copied on top of what made it. */
static __always_inline void count_cipher_text(struct call* call, __s64 bytes) {
  struct zc_target* target = active_target();
  if (!target || bytes <= 0 || in_softirq()) return;
  struct zc_edge edge = {.role = target->role,
                         .from = ZC_SOCKET_BUFFER,
                         .to = ZC_SOCKET_BUFFER,
                         .by = ZC_CPU,
                         .probe = ZC_P_sum_tcp_sendmsg_locked,
                         .mechanism = ZC_SUM,
                         .context = ZC_SYSCALL};
  account_move(&edge, call, bytes);
}

/* What tcp_sendmsg_locked took, less what it took by reference (MSG_SPLICE_PAGES since 6.5, MSG_ZEROCOPY). */
SEC("fentry/tcp_sendmsg_locked")
int frame_tcp_sendmsg_locked(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_frame_tcp_sendmsg_locked);
  struct call* call = current_call();
  if (call) call->reference_bytes = 0;
  return 0;
}

SEC("fexit/tcp_sendmsg_locked")
int sum_tcp_sendmsg_locked(__u64* ctx) {
  HOLD_CPU;
  struct msghdr* message = (void*)ctx[1];
  struct call* call = current_call();
  __s64 bytes = (int)ctx[3];
  if (call && bytes > 0) bytes -= call->reference_bytes;
  if (sends_tls(call))
    count_cipher_text(call, bytes);
  else
    count_sum(ZC_P_sum_tcp_sendmsg_locked, FROM_ITER, bytes, __builtin_preserve_access_index(&message->msg_iter));
  return take_stack(ctx);
}

static __always_inline void count_pipe_read(__u32 probe, __u64* ctx) {
  struct iov_iter* iter = (void*)ctx[1];
  if (is_memory(iter)) count_sum(probe, TO_ITER, (__s64)ctx[2], iter);
}

/* Before 5.12 sendfile(2) to a pipe writes the file's pages into it like a buffer's. */
static __always_inline void count_pipe_write(__u32 probe, __u64* ctx) {
  count_sum(probe, FROM_ITER, (__s64)ctx[2], (void*)ctx[1]);
}

SEC("fexit/pipe_read")
int sum_pipe_read(__u64* ctx) {
  HOLD_CPU;
  count_pipe_read(ZC_P_sum_pipe_read, ctx);
  return take_stack(ctx);
}

SEC("fexit/pipe_write")
int sum_pipe_write(__u64* ctx) {
  HOLD_CPU;
  count_pipe_write(ZC_P_sum_pipe_write, ctx);
  return take_stack(ctx);
}

/* Anonymous pipes have functions of their own since 6.15 (262b2fa99cbe). */
SEC("fexit/anon_pipe_read")
int sum_anon_pipe_read(__u64* ctx) {
  HOLD_CPU;
  count_pipe_read(ZC_P_sum_anon_pipe_read, ctx);
  return take_stack(ctx);
}

SEC("fexit/anon_pipe_write")
int sum_anon_pipe_write(__u64* ctx) {
  HOLD_CPU;
  count_pipe_write(ZC_P_sum_anon_pipe_write, ctx);
  return take_stack(ctx);
}

SEC("fexit/generic_perform_write")
int sum_generic_perform_write(__u64* ctx) {
  HOLD_CPU;
  /* Before 5.18 (800ba29547e1) it takes the file itself, as a pointer that 5.10's verifier passes to no other function:
   * read as a plain number. */
  struct file* file = 0;
  if (arity_of_generic_perform_write == 3)
    bpf_probe_read_kernel(&file, sizeof file, ctx);
  else
    file = file_of_kiocb(ctx[0]);
  note_pages(file);
  count_sum(ZC_P_sum_generic_perform_write, FROM_ITER, RESULT_AFTER(ctx, 2, arity_of_generic_perform_write),
            (void*)ctx[1]);
  return take_stack(ctx);
}

/* Files that are made up as they are read: /proc, most of /sys. */
SEC("fexit/seq_read_iter")
int sum_seq_read_iter(__u64* ctx) {
  HOLD_CPU;
  text_to_user(ZC_P_sum_seq_read_iter, (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return take_stack(ctx);
}

/* The rest of /sys; where it has text, by seq_read_iter. */
SEC("fentry/kernfs_fop_read_iter")
int frame_kernfs_fop_read_iter(__u64* ctx) {
  HOLD_CPU;
  start_frame(ZC_P_frame_kernfs_fop_read_iter);
  return 0;
}

SEC("fexit/kernfs_fop_read_iter")
int sum_kernfs_fop_read_iter(__u64* ctx) {
  HOLD_CPU;
  text_to_user(ZC_P_sum_kernfs_fop_read_iter, without_iterated(ctx[2]), (void*)ctx[1], ctx[0]);
  return take_stack(ctx);
}

/* sendfile and splice from files that have no pages to take (since 6.5, 33b3b041543e): it reads them into fresh ones.
 * What fills them is seen where it copies, or as a device's request. */
SEC("fentry/copy_splice_read")
int frame_copy_splice_read(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_frame_copy_splice_read);
  struct call* call = current_call();
  if (call) call->made = 1;
  return 0;
}

SEC("fexit/hugetlbfs_read_iter")
int sum_hugetlbfs_read_iter(__u64* ctx) {
  HOLD_CPU;
  file_to_user(ZC_P_sum_hugetlbfs_read_iter, (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return take_stack(ctx);
}

SEC("fexit/btrfs_buffered_write")
int sum_btrfs_buffered_write(__u64* ctx) {
  HOLD_CPU;
  note_pages(file_of_kiocb(ctx[0]));
  count_sum(ZC_P_sum_btrfs_buffered_write, FROM_ITER, (__s64)ctx[2], (void*)ctx[1]);
  return take_stack(ctx);
}

static __always_inline void at_terminal(void) {
  struct call* call = current_call();
  if (call) call->why |= ZC_MORE_TERMINAL;
}

/* Terminals. What a program writes is copied to the driver; a pseudo-terminal's puts it into the other side's buffer,
 * from where a kernel thread takes it on. What it reads is copied twice: to a small buffer first. */
SEC("fexit/tty_read")
int sum_tty_read(__u64* ctx) {
  HOLD_CPU;
  at_terminal();
  file_to_user(ZC_P_sum_tty_read, (__s64)ctx[2], (void*)ctx[1], ctx[0]);
  return take_stack(ctx);
}

SEC("fexit/tty_write")
int sum_tty_write(__u64* ctx) {
  HOLD_CPU;
  at_terminal();
  count_sum(ZC_P_sum_tty_write, FROM_ITER, (__s64)ctx[2], (void*)ctx[1]);
  return take_stack(ctx);
}

SEC("fexit/n_tty_read")
int leaf_n_tty_read(__u64* ctx) {
  HOLD_CPU;
  count_in_kernel(ZC_P_leaf_n_tty_read, ZC_FILE, ZC_FILE, (__s64)ctx[6], true);
  return take_stack(ctx);
}

SEC("fexit/tty_insert_flip_string_and_push_buffer")
int leaf_tty_insert_flip_string_and_push_buffer(__u64* ctx) {
  HOLD_CPU;
  count_in_kernel(ZC_P_leaf_tty_insert_flip_string_and_push_buffer, ZC_FILE, ZC_FILE, (int)ctx[3], true);
  return take_stack(ctx);
}

SEC("fexit/get_random_bytes_user")
int sum_get_random_bytes_user(__u64* ctx) {
  HOLD_CPU;
  count_sum(ZC_P_sum_get_random_bytes_user, TO_ITER, (__s64)ctx[1], (void*)ctx[0]);
  return take_stack(ctx);
}

/* Into UDP's buffers; returns 0 when it has copied its length. */
SEC("fexit/ip_generic_getfrag")
int sum_ip_generic_getfrag(__u64* ctx) {
  HOLD_CPU;
  if ((int)ctx[6] == 0) count_sum(ZC_P_sum_ip_generic_getfrag, FROM_ITER, (int)ctx[3], 0);
  return take_stack(ctx);
}

/* Out of UDP's buffers: those in one piece by copy_linear_skb, which is inlined, the others by skb_copy_datagram_iter.
 * With MSG_TRUNC it returns the datagram's length, not what it copied. */
static __always_inline void udp_to_user(__u32 probe, __u64* ctx) {
  struct msghdr* message = (void*)ctx[1];
  __s64 bytes = (int)(arity_of_udp_recvmsg == 4   ? ARGUMENT(ctx, 4)
                      : arity_of_udp_recvmsg == 5 ? ARGUMENT(ctx, 5)
                                                  : ARGUMENT(ctx, 6));
  if (bytes > (__s64)ctx[2]) bytes = ctx[2];
  count_sum(probe, TO_ITER, without_iterated(bytes), __builtin_preserve_access_index(&message->msg_iter));
}

SEC("fentry/udp_recvmsg")
int frame_udp_recvmsg(__u64* ctx) {
  HOLD_CPU;
  start_frame(ZC_P_frame_udp_recvmsg);
  return 0;
}

SEC("fexit/udp_recvmsg")
int sum_udp_recvmsg(__u64* ctx) {
  HOLD_CPU;
  udp_to_user(ZC_P_sum_udp_recvmsg, ctx);
  return take_stack(ctx);
}

SEC("fentry/udpv6_recvmsg")
int frame_udpv6_recvmsg(__u64* ctx) {
  HOLD_CPU;
  start_frame(ZC_P_frame_udpv6_recvmsg);
  return 0;
}

SEC("fexit/udpv6_recvmsg")
int sum_udpv6_recvmsg(__u64* ctx) {
  HOLD_CPU;
  udp_to_user(ZC_P_sum_udpv6_recvmsg, ctx);
  return take_stack(ctx);
}

/* Multipath TCP copies by itself, pages of a file too: it does not know MSG_SPLICE_PAGES. */
SEC("fexit/mptcp_sendmsg")
int sum_mptcp_sendmsg(__u64* ctx) {
  HOLD_CPU;
  struct msghdr* message = (void*)ctx[1];
  count_sum(ZC_P_sum_mptcp_sendmsg, FROM_ITER, (int)ctx[3], __builtin_preserve_access_index(&message->msg_iter));
  return take_stack(ctx);
}

SEC("fexit/netlink_sendmsg")
int sum_netlink_sendmsg(__u64* ctx) {
  HOLD_CPU;
  struct msghdr* message = (void*)ctx[1];
  count_sum(ZC_P_sum_netlink_sendmsg, FROM_ITER, (int)ctx[3], __builtin_preserve_access_index(&message->msg_iter));
  return take_stack(ctx);
}

/* xfs. What follows the first three arguments differs by kernel. */
SEC("fexit/iomap_file_buffered_write")
int sum_iomap_file_buffered_write(__u64* ctx) {
  HOLD_CPU;
  note_pages(file_of_kiocb(ctx[0]));
  __s64 bytes = arity_of_iomap_file_buffered_write == 3   ? ARGUMENT(ctx, 3)
                : arity_of_iomap_file_buffered_write == 4 ? ARGUMENT(ctx, 4)
                                                          : ARGUMENT(ctx, 5);
  count_sum(ZC_P_sum_iomap_file_buffered_write, FROM_ITER, bytes, (void*)ctx[1]);
  return take_stack(ctx);
}
