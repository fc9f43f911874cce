/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Followed programs: their children are traced too, until the last thread has ended. */

SEC("raw_tp/sched_process_fork")
int sched_process_fork(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct *parent = (void*)ctx->args[0], *child = (void*)ctx->args[1];
  __u32 tgid = BPF_CORE_READ(parent, tgid), new_tgid = BPF_CORE_READ(child, tgid);
  struct zc_target* target = bpf_map_lookup_elem(&targets, &tgid);
  if (!target || tgid == new_tgid) return 0;
  struct zc_target copy = *target;
  if (bpf_map_update_elem(&targets, &new_tgid, &copy, BPF_ANY)) add_sum(ZC_SENDER, ZC_S_UNFOLLOWED, 1);
  return 0;
}

/* The call it stands in began in another program. */
SEC("raw_tp/sched_process_exec")
int sched_process_exec(struct bpf_raw_tracepoint_args* ctx) {
  struct zc_target* target = current_target();
  if (target && target->stage == ZC_WAITING) target->stage = ZC_MOVING;
  if (target) __sync_fetch_and_add(&execs, 1);
  return 0;
}

/* With its last thread. */
SEC("raw_tp/sched_process_exit")
int sched_process_exit(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = (void*)ctx->args[0];
  __u32 tid = BPF_CORE_READ(task, pid), tgid = BPF_CORE_READ(task, tgid);
  bpf_map_delete_elem(&calls, &tid); /* of two threads that end at once the other may have taken the process out */
  if (BPF_CORE_READ(task, signal, live.counter) == 0) bpf_map_delete_elem(&targets, &tgid);
  return 0;
}

/* Forget the socket: its memory will be used for another. */
static __always_inline void forget_closed(struct bpf_raw_tracepoint_args* ctx) {
  __u64 sk = ctx->args[0];
  if (ctx->args[2] == TCP_CLOSE) bpf_map_delete_elem(&sockets, &sk);
}

SEC("raw_tp/inet_sock_set_state")
int inet_sock_set_state(struct bpf_raw_tracepoint_args* ctx) {
  forget_closed(ctx);
  return 0;
}

/* A softirq that closes one while a task does: the kernel runs no program within itself (bpf_prog::active), but this
 * one within the other. */
SEC("raw_tp/inet_sock_set_state")
int inet_sock_set_state_within(struct bpf_raw_tracepoint_args* ctx) {
  forget_closed(ctx);
  return 0;
}

/* A file keeps the name that it was given last, though no call may use it any more. */
SEC("fexit/vfs_rename")
int leave_vfs_rename(__u64* ctx) {
  count_hit(ZC_P_leave_vfs_rename);
  struct renamedata* data = (void*)ctx[0];
  bool failed = arity_of_vfs_rename == 6 ? (int)ARGUMENT(ctx, 6) : (int)ARGUMENT(ctx, 1);
  if (failed || !active_target()) return 0;
  __sync_fetch_and_add(&renames, 1);
  resolve_new_name(arity_of_vfs_rename == 6 ? ARGUMENT(ctx, 1) : (__u64)BPF_CORE_READ(data, old_dentry));
  return 0;
}
