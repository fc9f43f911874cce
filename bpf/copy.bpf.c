/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Copies, seen at the iterator leaves by hardware breakpoints: lib/ is built without ftrace, so nothing else reaches
 * them. Entry only, so the bytes are min(length, what the iterator still holds).
 *
 * SEC("breakpoint/FUNCTION") is ours: userspace loads these as BPF_PROG_TYPE_PERF_EVENT and attaches them to a
 * breakpoint on FUNCTION (userspace/capture/bpf_object.h). */

#define OLD_ITER_IOVEC 4 /* before 5.14 (8cd54c1c8480) the kind was a flag, above the direction in bit 0 */
#define OLD_ITER_PIPE 32

static __always_inline bool is_user_backed(struct iov_iter* iter) {
  if (!bpf_core_field_exists(iter->iter_type)) {
    struct iov_iter___before_5_14* old = (void*)iter;
    return (BPF_CORE_READ(old, type) & ~1u) == OLD_ITER_IOVEC;
  }
  __u8 kind = BPF_CORE_READ(iter, iter_type);
  if (kind == bpf_core_enum_value(enum iter_type, ITER_IOVEC)) return true;
  /* Since 6.0 (fcb14cb1bdac). */
  return bpf_core_enum_value_exists(enum iter_type___ubuf, ITER_UBUF) &&
         kind == bpf_core_enum_value(enum iter_type___ubuf, ITER_UBUF);
}

/* A pipe that is spliced into: before 6.5. */
static __always_inline bool is_pipe(struct iov_iter* iter) {
  if (!bpf_core_field_exists(iter->iter_type)) {
    struct iov_iter___before_5_14* old = (void*)iter;
    return (BPF_CORE_READ(old, type) & ~1u) == OLD_ITER_PIPE;
  }
  return bpf_core_enum_value_exists(enum iter_type___pipe, ITER_PIPE) &&
         BPF_CORE_READ(iter, iter_type) == bpf_core_enum_value(enum iter_type___pipe, ITER_PIPE);
}

/* Is it the program's memory? A buffer that it has registered with io_uring comes as the kernel's pages. */
static __always_inline bool is_memory(struct iov_iter* iter) {
  if (is_user_backed(iter)) return true;
  struct call* call = follow_requests ? current_call() : 0;
  return call && call->registered;
}

enum iter_direction { TO_ITER, FROM_ITER };

/* An atomic copy from user memory stops at a page that is not present; the kernel then faults it in and tries again (on
 * 7.2 whenever it meets one, before only where the page went away after it had looked). The iterator shows it: what a
 * try was to take and left there must not count twice. */
static __always_inline __u64 without_retried(struct call* call, struct iov_iter* iter, __u64 left, __u64 bytes) {
  __u64 end = left - bytes;
  if (call->iter == (__u64)iter && left > call->rest) {
    __u64 retried = left - call->rest;
    bytes = bytes > retried ? bytes - retried : 0;
    if (end > call->rest) end = call->rest;
  }
  call->iter = (__u64)iter;
  call->rest = end;
  return bytes;
}

/* Where an iterator's bytes come from and go to. Out of no file's pages and into none of the program's memory, in a call
 * that passes a file on: into pages that are made for it, for the pipe. */
static __always_inline void set_ends(struct zc_edge* edge, enum iter_direction direction, bool user,
                                     const struct call* call) {
  edge->from = direction == FROM_ITER && user ? (call ? call->user : ZC_USER_BUFFER) : (call ? call->in : ZC_FILE);
  edge->to = direction == TO_ITER && user ? ZC_USER_BUFFER : (call ? call->out : ZC_FILE);
  if (direction != TO_ITER || user || !call || call->direction != DIRECTION_THROUGH) return;
  edge->from = ZC_FILE;
  edge->to = ZC_PIPE;
}

/* One execution of a leaf by the current task. The iterator is user memory, or kernel pages (sendfile to a file). */
static __always_inline void count_leaf(__u32 probe, enum iter_direction direction, __u64 length, struct iov_iter* iter,
                                 bool atomic) {
  count_hit(probe);
  struct zc_target* target = active_target();
  if (!target || in_softirq()) return;
  __u64 left = BPF_CORE_READ(iter, count);
  struct call* call = current_call();
  struct zc_edge edge = {.role = target->role,
                         .by = ZC_CPU,
                         .probe = probe,
                         .mechanism = ZC_LEAF,
                         .context = context_of(call)};
  bool user = is_memory(iter);
  /* The kernel's own memory in a call that names one end only: it reads for itself, an ELF header or a page that a file
   * system like 9p fills. */
  bool record = !user && sends_tls(call);
  if (!user && !record && !(call && call->direction == DIRECTION_THROUGH)) return;
  set_ends(&edge, direction, user, call);
  if (record) edge.from = edge.to = ZC_SOCKET_BUFFER; /* of kernel TLS, where the route has no scatter-gather */
  __u64 bytes = length < left ? length : left;
  if (atomic && user && call) bytes = without_retried(call, iter, left, bytes);
  account_move(&edge, call, bytes);
}

SEC("breakpoint/_copy_to_iter")
int break_copy_to_iter(struct bpf_perf_event_data* ctx) {
  count_leaf(ZC_P_break_copy_to_iter, TO_ITER, ctx->regs.si, (void*)ctx->regs.dx, false);
  return take_stack_from(ctx, ctx->regs.sp);
}

SEC("breakpoint/_copy_from_iter")
int break_copy_from_iter(struct bpf_perf_event_data* ctx) {
  count_leaf(ZC_P_break_copy_from_iter, FROM_ITER, ctx->regs.si, (void*)ctx->regs.dx, false);
  return take_stack_from(ctx, ctx->regs.sp);
}

SEC("breakpoint/copy_page_from_iter_atomic")
int break_copy_page_from_iter_atomic(struct bpf_perf_event_data* ctx) {
  count_leaf(ZC_P_break_copy_page_from_iter_atomic, FROM_ITER, ctx->regs.dx, (void*)ctx->regs.cx, true);
  return take_stack_from(ctx, ctx->regs.sp);
}

SEC("breakpoint/copy_folio_from_iter_atomic")
int break_copy_folio_from_iter_atomic(struct bpf_perf_event_data* ctx) {
  count_leaf(ZC_P_break_copy_folio_from_iter_atomic, FROM_ITER, ctx->regs.dx, (void*)ctx->regs.cx, true);
  return take_stack_from(ctx, ctx->regs.sp);
}

/* Before 5.14 (f0b65f39ac50 and its series): copies inline for user memory; for pipes it takes a reference, other kinds
 * reach _copy_to_iter. */
SEC("breakpoint/copy_page_to_iter")
int break_old_copy_page_to_iter(struct bpf_perf_event_data* ctx) {
  struct iov_iter* iter = (void*)ctx->regs.cx;
  if (is_user_backed(iter)) count_leaf(ZC_P_break_old_copy_page_to_iter, TO_ITER, ctx->regs.dx, iter, false);
  return take_stack_from(ctx, ctx->regs.sp);
}

SEC("breakpoint/_copy_from_iter_full")
int break_old_copy_from_iter_full(struct bpf_perf_event_data* ctx) {
  count_leaf(ZC_P_break_old_copy_from_iter_full, FROM_ITER, ctx->regs.si, (void*)ctx->regs.dx, false);
  return take_stack_from(ctx, ctx->regs.sp);
}

SEC("breakpoint/iov_iter_copy_from_user_atomic")
int break_old_copy_from_user_atomic(struct bpf_perf_event_data* ctx) {
  count_leaf(ZC_P_break_old_copy_from_user_atomic, FROM_ITER, ctx->regs.cx, (void*)ctx->regs.si, true);
  return take_stack_from(ctx, ctx->regs.sp);
}

/* Before 5.14, and into pipes: copies inline for user memory, by a routine of its own for the kernel's pages. */
SEC("breakpoint/copy_page_from_iter")
int break_old_copy_page_from_iter(struct bpf_perf_event_data* ctx) {
  count_leaf(ZC_P_break_old_copy_page_from_iter, FROM_ITER, ctx->regs.dx, (void*)ctx->regs.cx, false);
  return take_stack_from(ctx, ctx->regs.sp);
}
