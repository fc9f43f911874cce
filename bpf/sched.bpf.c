/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Context switches (the scheduler changes the task) and softirqs. */

static __always_inline long state_of(struct task_struct* task) {
  /* 2f064a59a11f (5.14) renamed `state` and changed its type. */
  if (bpf_core_field_exists(task->__state)) return BPF_CORE_READ(task, __state);
  struct task_struct___before_5_14* old = (void*)task;
  return BPF_CORE_READ(old, state);
}

static __always_inline struct zc_target* target_of(struct task_struct* task) {
  __u32 tgid = BPF_CORE_READ(task, tgid);
  return bpf_map_lookup_elem(&targets, &tgid);
}

static __always_inline void sched_out(struct task_struct* task, bool preempted) {
  struct zc_target* target = target_of(task);
  if (!target) return;
  count_hit(ZC_P_sched_switch);
  __u32 tid = BPF_CORE_READ(task, pid);
  __u64 now = bpf_ktime_get_ns();
  stop_clock(target, tid, now);
  if (!is_active(target)) return;
  long state = state_of(task);
  struct off_cpu off = {.t = now, .voluntary = !preempted && state != 0};
  add_sum(target->role, off.voluntary ? ZC_S_VOLUNTARY : ZC_S_INVOLUNTARY, 1);
  if (state & TASK_DEAD) return; /* it never comes back, and its number is another's soon */
  if (bpf_map_update_elem(&off_cpus, &tid, &off, BPF_ANY)) add_lost(ZC_K_OFF_CPU);
}

static __always_inline void sched_in(struct task_struct* task) {
  __u32 tid = BPF_CORE_READ(task, pid);
  __u64* since = bpf_map_lookup_elem(&on_cpus, &tid);
  struct off_cpu* off = bpf_map_lookup_elem(&off_cpus, &tid);
  if (!off) {
    if (since) *since = bpf_ktime_get_ns();
    return;
  }
  __u64 now = bpf_ktime_get_ns();
  if (since) *since = now;
  struct zc_target* target = target_of(task);
  struct zc_record* record = target ? new_record(ZC_K_OFF_CPU, target->role, ZC_RECORD_SHORT) : 0;
  if (record) {
    record->tid = tid;
    record->dur = now - off->t;
    record->t = off->t;
    record->probe = off->voluntary;
    submit(record);
  }
  bpf_map_delete_elem(&off_cpus, &tid);
}

SEC("raw_tp/sched_switch")
int sched_switch(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  sched_out((struct task_struct*)ctx->args[1], ctx->args[0]);
  sched_in((struct task_struct*)ctx->args[2]);
  return 0;
}

SEC("raw_tp/softirq_entry")
int softirq_entry(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_softirq_entry);
  struct cpu_state* cpu = this_cpu_to_set();
  if (!cpu) return 0;
  cpu->softirq_depth = 1; /* softirqs do not nest */
  cpu->softirq_since = bpf_ktime_get_ns();
  cpu->softirq_task = bpf_get_current_pid_tgid();
  return 0;
}

/* Recorded only if it interrupted a traced task. */
SEC("raw_tp/softirq_exit")
int softirq_exit(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_softirq_exit);
  struct cpu_state* cpu = this_cpu();
  if (!cpu) return 0;
  cpu->softirq_depth = 0;
  struct zc_target* target = active_target();
  if (!target) return 0;
  add_sum(target->role, ZC_S_SOFTIRQS, 1);
  struct zc_record* record = new_record(ZC_K_SOFTIRQ, target->role, ZC_RECORD_SHORT);
  if (!record) return 0;
  record->dur = record->t - cpu->softirq_since;
  record->t = cpu->softirq_since;
  record->probe = ctx->args[0];
  submit(record);
  return 0;
}
