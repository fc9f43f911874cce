/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Followed programs: their children are traced too, until the last thread has ended. So are processes that come into a
 * cgroup that is traced, or become a program of a name that is. */

/* Not inlined: the verifier then checks it once. Tells userspace who the target is from now on. */
__noinline int introduce(__u64 address) {
  struct task_struct* task = (void*)address;
  __u32 tgid = BPF_CORE_READ(task, tgid);
  struct zc_target* target = bpf_map_lookup_elem(&targets, &tgid);
  if (!target) return 0;
  struct zc_process process = {.tgid = tgid, .since = bpf_ktime_get_ns() >> 16};
  struct zc_process_facts facts = {};
  BPF_CORE_READ_STR_INTO(&facts.name, task, comm);
  facts.here = is_first_namespace ? tgid : number_for_userspace(BPF_CORE_READ(task, group_leader));
  facts.cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
  target->process = process;
  bpf_map_update_elem(&processes, &process, &facts, BPF_ANY);
  return 0;
}

/* It ends, or becomes another program: by then it may be called by the other's name. */
static __always_inline void take_leave(struct task_struct* task, const struct zc_target* target, bool named) {
  struct zc_process process = target->process;
  struct zc_process_facts* facts = bpf_map_lookup_elem(&processes, &process);
  if (!facts) return;
  struct task_struct* leader = BPF_CORE_READ(task, group_leader);
  if (named) bpf_core_read_str(facts->name, sizeof facts->name, &leader->comm);
  facts->ended = bpf_ktime_get_ns();
}

#define CGROUP_LEVELS 24

/* Is the cgroup, or one that it lies in, wanted? Not inlined, as above. */
__noinline int lies_in_wanted(__u64 address) {
  struct cgroup* group = (void*)address;
  struct zc_cgroup key = {.hierarchy = BPF_CORE_READ(group, root, hierarchy_id)};
  for (int i = 0; i < CGROUP_LEVELS && group; i++) {
    key.id = BPF_CORE_READ(group, kn, id);
    if (bpf_map_lookup_elem(&wanted_cgroups, &key)) return 1;
    struct cgroup_subsys_state* parent = BPF_CORE_READ(group, self.parent);
    group = parent ? (void*)parent - bpf_core_field_offset(struct cgroup, self) : 0;
  }
  return 0;
}

static __always_inline bool is_own(struct task_struct* task) {
  return BPF_CORE_READ(task, tgid) == own_tgid || BPF_CORE_READ(task, real_parent, tgid) == own_tgid;
}

static __always_inline void become_target(struct task_struct* task, bool by_cgroup) {
  __u32 tgid = BPF_CORE_READ(task, tgid);
  struct zc_target target = {.role = ZC_SENDER, .gate = ZC_NO_GATE, .stage = ZC_MOVING, .by_cgroup = by_cgroup};
  if (bpf_map_update_elem(&targets, &tgid, &target, BPF_NOEXIST)) {
    if (!bpf_map_lookup_elem(&targets, &tgid)) add_sum(ZC_SENDER, ZC_S_UNFOLLOWED, 1);
    return;
  }
  introduce((__u64)task);
  __sync_fetch_and_add(&execs, 1);
}

/* Of a process that nobody who is followed has started: it may start in a cgroup of its own (CLONE_INTO_CGROUP). */
static __always_inline void look_at_new(struct task_struct* task) {
  if (!wants_cgroups || is_own(task)) return;
  if (lies_in_wanted((__u64)BPF_CORE_READ(task, cgroups, dfl_cgrp))) become_target(task, true);
}

SEC("raw_tp/sched_process_fork")
int sched_process_fork(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  struct task_struct *parent = (void*)ctx->args[0], *child = (void*)ctx->args[1];
  __u32 tgid = BPF_CORE_READ(parent, tgid), new_tgid = BPF_CORE_READ(child, tgid);
  if (tgid == new_tgid) return 0;
  struct zc_target* target = bpf_map_lookup_elem(&targets, &tgid);
  if (!target) {
    look_at_new(child);
    return 0;
  }
  struct zc_target copy = *target;
  bool in_unified = wants_cgroups == 1;
  if (copy.by_cgroup && in_unified && !lies_in_wanted((__u64)BPF_CORE_READ(child, cgroups, dfl_cgrp))) return 0;
  if (bpf_map_update_elem(&targets, &new_tgid, &copy, BPF_ANY))
    add_sum(ZC_SENDER, ZC_S_UNFOLLOWED, 1);
  else
    introduce((__u64)child);
  return 0;
}

/* By a set-user-ID or set-group-ID program, or by file capabilities: who may not look at it in /proc may not here. As
 * ptrace(2) and perf_event_open(2) have it. */
static __always_inline bool gets_rights(__u64 program) {
  struct linux_binprm* binprm = (void*)program;
  return own_only && BPF_CORE_READ_BITFIELD_PROBED(binprm, secureexec);
}

/* The call it stands in began in another program. */
SEC("raw_tp/sched_process_exec")
int sched_process_exec(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  struct task_struct* task = (void*)ctx->args[0];
  forget_known_target();
  struct zc_target* target = target_of_process();
  if (target && gets_rights(ctx->args[2])) {
    __u32 tgid = BPF_CORE_READ(task, tgid);
    take_leave(task, target, false);
    bpf_map_delete_elem(&targets, &tgid);
    add_sum(ZC_SENDER, ZC_S_OTHERS, 1);
    return 0;
  }
  if (target) {
    if (target->stage == ZC_WAITING) target->stage = ZC_MOVING;
    take_leave(task, target, false);
    introduce((__u64)task);
    __sync_fetch_and_add(&execs, 1);
    return 0;
  }
  if (wants_names || wants_all) {
    struct zc_comm name = {};
    BPF_CORE_READ_STR_INTO(&name.name, task, comm);
    bool wanted = wants_all || bpf_map_lookup_elem(&wanted_names, &name);
    if (wanted && !is_own(task)) become_target(task, false);
  }
  look_at_new(task);
  return 0;
}

/* With its last thread. What it does may be done twice. */
static __always_inline void forget_ended(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = (void*)ctx->args[0];
  __u32 tid = BPF_CORE_READ(task, pid), tgid = BPF_CORE_READ(task, tgid);
  if (!keep_with_tasks) bpf_map_delete_elem(&calls, &tid);
  if (BPF_CORE_READ(task, signal, live.counter) != 0) return;
  /* Of two threads that end at once the other may have taken the process out. */
  struct zc_target* target = bpf_map_lookup_elem(&targets, &tgid);
  if (target) take_leave(task, target, true);
  bpf_map_delete_elem(&targets, &tgid);
}

SEC("raw_tp/sched_process_exit")
int sched_process_exit(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  forget_ended(ctx);
  return 0;
}

/* A task that ends while another, which was preempted within the program, does on the same processor: since 7.2 (seen)
 * programs at tracepoints can be. The kernel runs none within itself (bpf_prog::active), but this one within the other. */
SEC("raw_tp/sched_process_exit")
int sched_process_exit_within(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  forget_ended(ctx);
  return 0;
}

/* Into a cgroup that is traced, or out of it. Of a hierarchy that nothing is wanted of it says nothing. */
SEC("raw_tp/cgroup_attach_task")
int cgroup_attach_task(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  struct cgroup* to = (void*)ctx->args[0];
  struct task_struct* task = (void*)ctx->args[2];
  if (!wants_cgroups || BPF_CORE_READ(to, root, hierarchy_id) != (int)(wants_cgroups - 1) || is_own(task)) return 0;
  __u32 tgid = BPF_CORE_READ(task, tgid);
  struct zc_target* target = bpf_map_lookup_elem(&targets, &tgid);
  bool inside = lies_in_wanted((__u64)to);
  if (!target && inside) {
    become_target(task, true);
  } else if (target && target->by_cgroup && !inside) {
    take_leave(task, target, true);
    bpf_map_delete_elem(&targets, &tgid);
    __sync_fetch_and_add(&target_changes, 1);
  }
  return 0;
}

/* Forget the socket: its memory will be used for another. */
static __always_inline void forget_closed(struct bpf_raw_tracepoint_args* ctx) {
  __u64 sk = ctx->args[0];
  if (ctx->args[2] == TCP_CLOSE) bpf_map_delete_elem(&sockets, &sk);
}

SEC("raw_tp/inet_sock_set_state")
int inet_sock_set_state(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  forget_closed(ctx);
  return 0;
}

/* A softirq that closes one while a task does: as above. */
SEC("raw_tp/inet_sock_set_state")
int inet_sock_set_state_within(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  forget_closed(ctx);
  return 0;
}

/* A file keeps the name that it was given last, though no call may use it any more. */
SEC("fexit/vfs_rename")
int leave_vfs_rename(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_leave_vfs_rename);
  struct renamedata* data = (void*)ctx[0];
  bool failed = arity_of_vfs_rename == 6 ? (int)ARGUMENT(ctx, 6) : (int)ARGUMENT(ctx, 1);
  if (failed || !active_target()) return 0;
  __sync_fetch_and_add(&renames, 1);
  resolve_new_name(arity_of_vfs_rename == 6 ? ARGUMENT(ctx, 1) : (__u64)BPF_CORE_READ(data, old_dentry));
  return 0;
}
