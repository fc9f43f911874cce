/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* System calls: two mode switches each, and the gates that open and close a run's window.
 *
 * By perf's tracepoints where a raw one's programs may be preempted: the kernel then skips them for every other task on
 * that CPU: seen on 7.2. Perf's side disables preemption. */

/* What a program on one of perf's tracepoints returns: 0 would hide the event from everybody's perf. */
enum { PASS_TO_PERF = 1 };

/* How a hook is told of its call: by registers and a number each, or by what tracefs says of the event (its `format`). */
enum { RAW, BY_PERF };
enum { PERF_NUMBER = 1, PERF_RESULT = 2, PERF_ARGUMENTS = 2 }; /* words */

static __always_inline const struct pt_regs* registers(void* ctx) { return (const struct pt_regs*)*(__u64*)ctx; }

static __always_inline long number_at_entry(void* ctx, int how) {
  return (long)((__u64*)ctx)[how == RAW ? 1 : PERF_NUMBER];
}

static __always_inline __u64 argument(void* ctx, int how, int which) {
  if (how == BY_PERF) return ((__u64*)ctx)[PERF_ARGUMENTS + which];
  switch (which) {
    case 0:
      return registers(ctx)->di;
    case 1:
      return registers(ctx)->si;
    case 2:
      return registers(ctx)->dx;
    case 3:
      return registers(ctx)->r10;
    case 4:
      return registers(ctx)->r8;
    default:
      return registers(ctx)->r9;
  }
}

static __always_inline long number_at_exit(void* ctx, int how) {
  return (long)(how == RAW ? registers(ctx)->orig_ax : ((__u64*)ctx)[PERF_NUMBER]);
}

static __always_inline long result_at_exit(void* ctx, int how) {
  return (long)((__u64*)ctx)[how == RAW ? 1 : PERF_RESULT];
}

/* The sender's gate: its first write there ends the transfer, its second one says that the send queue is empty; the
 * receiver's ends its reading. Such calls belong to the parent process, not to the transfer. */
static __always_inline bool at_gate(struct zc_target* target, long nr, int fd) {
  if (target->gate == ZC_NO_GATE || nr != NR_WRITE || fd != target->gate) return false;
  __u64 now = bpf_ktime_get_ns();
  if (target->role == ZC_SENDER && target->stage == ZC_MOVING) {
    target->stage = ZC_DRAINING;
    end_clock(target, now);
    t_end = now;
    window = ZC_WINDOW_DRAIN;
    mark(ZC_SENDER, ZC_M_END, now);
  } else if (target->role == ZC_SENDER && target->stage == ZC_DRAINING) {
    target->stage = ZC_DONE;
    t_drained = now;
    mark(ZC_SENDER, ZC_M_DRAINED, now);
  } else if (target->role == ZC_RECEIVER && window != ZC_WINDOW_BEFORE && target->stage != ZC_DONE) {
    target->stage = ZC_DONE;
    end_clock(target, now);
    mark(ZC_RECEIVER, ZC_M_RECEIVED, now);
  }
  return true;
}

/* Calls of the 32-bit table have other numbers: they are counted by name and not decoded. */
static __always_inline bool is_compat(void) {
  if (!follow_programs) return false;
  if (keep_with_tasks) return bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline void syscall_enter(__u32 probe, void* ctx, int how, bool by_tree) {
  struct task_state* task = task_state();
  struct zc_target* target = target_of_caller(task);
  if (!target) return;
  count_hit(probe);
  const long nr = number_at_entry(ctx, how);
  bool compat = is_compat(), plain = !compat && is_plain(nr);
  if (at_gate(target, nr, argument(ctx, how, 0))) return;
  const __u32 role = target->role;

  struct call* call = open_call(task, plain);
  if (!call) {
    add_sum(role, ZC_S_UNTRACKED, 1);
    return;
  }
  /* Of the target no more is needed: it lies in one of two places, and the verifier would check the rest for each. */
  if (!plain) call->flow.process = target->process;
  call->t = plain && !keeps_events() ? 0 : bpf_ktime_get_ns(); /* of those only events tell times */
  call->nr = nr;
  call->in = call->out = ZC_FILE;
  if (plain) return;
  const __u64 args[6] = {argument(ctx, how, 0), argument(ctx, how, 1), argument(ctx, how, 2),
                         argument(ctx, how, 3), argument(ctx, how, 4), argument(ctx, how, 5)};
  call->address = args[0];
  call->bytes = args[1];
  if (compat)
    call->nr |= ZC_COMPAT_CALL;
  else
    decode_call(call, role, args, by_tree);
}

SEC("tp_btf/sys_enter")
int sys_enter(void* ctx) {
  syscall_enter(ZC_P_sys_enter, ctx, RAW, false);
  return 0;
}

SEC("tp/raw_syscalls/sys_enter")
int sys_enter_by_perf(void* ctx) {
  syscall_enter(ZC_P_sys_enter_by_perf, ctx, BY_PERF, false);
  return PASS_TO_PERF;
}

SEC("tp/raw_syscalls/sys_enter")
int sys_enter_before_5_17(void* ctx) {
  syscall_enter(ZC_P_sys_enter_before_5_17, ctx, BY_PERF, true);
  return PASS_TO_PERF;
}

static const struct mappings no_mappings = {};

/* Not inlined, as account_end() below is not. */
__noinline int remember_mapping(__u64 address, __u64 bytes) {
  __u32 tgid = current_tgid();
  struct zc_target* target = current_target();
  struct call* call = current_call();
  struct mappings* files = bpf_map_lookup_elem(&mapped, &tgid);
  if (!files) {
    bpf_map_update_elem(&mapped, &tgid, &no_mappings, BPF_NOEXIST);
    files = bpf_map_lookup_elem(&mapped, &tgid);
  }
  if (!files || !target) return 0;
  __u32 slot = files->used++ % MAPPINGS;
  files->at[slot].first = address;
  files->at[slot].bytes = bytes;
  if (!is_active(target)) return 0;
  struct zc_edge edge = {.role = target->role,
                         .from = ZC_PAGE_CACHE,
                         .to = ZC_USER_BUFFER,
                         .by = ZC_REFERENCE,
                         .context = ZC_SYSCALL,
                         .mechanism = ZC_EVENT,
                         .probe = ZC_P_MMAP};
  account_move(&edge, call, bytes);
  return 0;
}

static __always_inline void forget_mapping(__u64 address) {
  __u32 tgid = current_tgid();
  struct mappings* files = bpf_map_lookup_elem(&mapped, &tgid);
  if (!files) return;
  for (int i = 0; i < MAPPINGS; i++)
    if (files->at[i].first == address) files->at[i].bytes = 0;
}

/* Both sides wait in a read of their gate, maybe since before they became targets, and do nothing else until then. The
 * sender's return from there opens the window. */
static __always_inline void pass_gate(struct zc_target* target, long nr, long result) {
  if (target->stage != ZC_WAITING || nr != NR_READ || result != 1) return;
  target->stage = ZC_MOVING;
  __u64 now = bpf_ktime_get_ns();
  start_clock(now);
  if (target->role != ZC_SENDER) return;
  t_begin = now;
  window = ZC_WINDOW_TRANSFER;
  mark(ZC_SENDER, ZC_M_BEGIN, now);
}

static __always_inline void fill_call_record(struct zc_record* record, struct call* call, long result) {
  record->dur = record->t - call->t;
  record->t = call->t;
  record->probe = call->nr;
  record->count = call->faults;
  record->result = result;
  record->from = call->in;
  record->to = call->out;
}

/* Two branches, each with its own size of record: 5.10's verifier does not follow a size through a variable. */
static __always_inline void emit_call(__u32 role, struct call* call, long result) {
  struct zc_record* record;
  if (!call->folded[0].calls) {
    record = new_record(ZC_K_SYSCALL, role, ZC_RECORD_SHORT);
    if (!record) return;
    fill_call_record(record, call, result);
    submit(record);
    return;
  }
  record = new_record(ZC_K_SYSCALL, role, sizeof(struct zc_record));
  if (!record) return;
  __builtin_memcpy(record->folded, call->folded, sizeof call->folded);
  fill_call_record(record, call, result);
  submit(record);
}

static __always_inline bool is_udp(long fd) {
  struct file* file = file_of(fd);
  return file && internet_protocol(sock_of(file)) == IPPROTO_UDP;
}

/* On a kernel that allows tracepoints only: what the call's result says it moved, but not how. Reads of sockets are
 * left to skb_copy_datagram_iovec, but for UDP's buffers that are in one piece and for requests, which it does not know;
 * direct reads to the block layer. */
static __always_inline void account_inferred(__u32 role, struct call* call, long result) {
  if (result <= 0 || call->direct || call->why & ZC_WHY_UNEXPLAINED) return;
  /* What a device does with it is its own affair: /dev/null copies nothing. */
  const struct zc_place* far = call->direction == DIRECTION_OUT ? &call->flow.to : &call->flow.from;
  if (follow_programs && (far->kind == ZC_AT_DEVICE || far->kind == ZC_AT_OTHER)) return;
  if (call->direction == DIRECTION_NONE) return;
  if (call->direction == DIRECTION_IN && call->in == ZC_SOCKET_BUFFER) {
    if (call->is_request) {
      call->cost.cpu_bytes += result;
      return;
    }
    if (!follow_programs || call->explained_bytes >= result || call->truncate || !is_udp(call->address)) return;
    result -= call->explained_bytes;
  }
  __u8 by = call->direction == DIRECTION_THROUGH || call->zerocopy ? ZC_REFERENCE : ZC_CPU;
  account_result(call, role, ZC_P_CALL_RESULT, by, ZC_INFERRED, result);
}

__noinline int account_announced(void); /* sum.bpf.c */
__noinline int take_issued(void);       /* disk.bpf.c */

/* What the end of a call tells by itself. Not inlined: what follows needs the stack. */
__noinline int account_end(__u64 result, __u32 role) {
  struct call* call = current_call();
  if (!call) return 0;
  bool decoded = follow_programs || call->zerocopy_receive;
  call->moved = decoded ? bytes_moved(call, result) : (long)result;
  if (call->nr == NR_VMSPLICE && call->no_copy && call->moved > 0)
    account_rare_result(ZC_P_VMSPLICE, ZC_REFERENCE, ZC_EVENT, call->moved);
  else if (infer_from_calls)
    account_inferred(role, call, call->moved);
  if (call->nr == NR_IOCTL && result == 0 && call->piece.bytes)
    account_rare_result(ZC_P_CLONE, ZC_REFERENCE, ZC_EVENT, call->piece.bytes);
  if (call->deciphered) account_deciphered(call->moved);
  if (call->announced) account_announced();
  emit_call(role, call, result);
  return 0;
}

static __always_inline void count_call(__u32 role, __u32 nr) {
  __u32 slot = zc_syscall_slot(role, nr);
  __u64* count = bpf_map_lookup_elem(&syscalls, &slot);
  if (count) *count += 1;
}

static __always_inline void syscall_exit(__u32 probe, void* ctx, int how, bool by_tree) {
  struct task_state* task = task_state();
  struct zc_target* target = target_in(task);
  if (!target) return;
  count_hit(probe);
  const long result = result_at_exit(ctx, how);
  struct call* call = system_call_in(task);
  if (!call) {
    pass_gate(target, number_at_exit(ctx, how), result);
    return;
  }
  const long nr = call->nr;
  const bool active = is_active(target), waits = target->stage == ZC_WAITING;
  const __u32 role = target->role; /* no more is needed of it: see syscall_enter() */
  if (call->is_plain) {
    if (active) {
      count_call(role, nr);
      if (call->t)
        emit_call(role, call, result);
      else
        leave_out(ZC_K_SYSCALL);
    }
    call->is_open = 0;
    return;
  }

  if (nr == NR_MMAP && call->in == ZC_PAGE_CACHE && (result >= 0 || result < -4095))
    remember_mapping(result, call->bytes);
  if (nr == NR_MUNMAP && result == 0) forget_mapping(call->address);
  if (infer_from_calls && result == 0 && (nr == NR_RENAME || nr == NR_RENAMEAT || nr == NR_RENAMEAT2)) renames++;

  if (active) {
    count_call(role, nr);
    if (call->asked_disk) take_issued();
    account_end(result, role);
    if (keep_stacks && call->unstacked) take_stack_at_end();
    if (follow_programs) attribute_call(call, call->moved, by_tree);
  }
  call->is_open = 0;
  if (waits && (target = current_target())) pass_gate(target, number_at_exit(ctx, how), result);
}

SEC("tp_btf/sys_exit")
int sys_exit(void* ctx) {
  syscall_exit(ZC_P_sys_exit, ctx, RAW, false);
  return 0;
}

SEC("tp/raw_syscalls/sys_exit")
int sys_exit_by_perf(void* ctx) {
  syscall_exit(ZC_P_sys_exit_by_perf, ctx, BY_PERF, false);
  return PASS_TO_PERF;
}

SEC("tp/raw_syscalls/sys_exit")
int sys_exit_before_5_17(void* ctx) {
  syscall_exit(ZC_P_sys_exit_before_5_17, ctx, BY_PERF, true);
  return PASS_TO_PERF;
}
