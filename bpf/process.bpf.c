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
  return 0;
}

/* With its last thread. */
SEC("raw_tp/sched_process_exit")
int sched_process_exit(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = (void*)ctx->args[0];
  __u32 tid = BPF_CORE_READ(task, pid), tgid = BPF_CORE_READ(task, tgid);
  if (!bpf_map_lookup_elem(&targets, &tgid)) return 0;
  bpf_map_delete_elem(&calls, &tid);
  if (BPF_CORE_READ(task, signal, live.counter) == 0) bpf_map_delete_elem(&targets, &tgid);
  return 0;
}

/* Forget the socket: its memory will be used for another. */
SEC("raw_tp/inet_sock_set_state")
int inet_sock_set_state(struct bpf_raw_tracepoint_args* ctx) {
  __u64 sk = ctx->args[0];
  if (ctx->args[2] == TCP_CLOSE) bpf_map_delete_elem(&sockets, &sk);
  return 0;
}
