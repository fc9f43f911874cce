/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* System calls: two mode switches each, and what their descriptors are. x86-64 numbers.
 *
 * By perf's tracepoints, not raw ones: where the latter may sleep (since 6.13) a raw program may be preempted, and the
 * kernel then skips it for every other task on that CPU: seen on 7.2. Perf's side disables preemption. */

struct sys_enter_context {
  __u64 common;
  long nr;
  __u64 args[6];
};
struct sys_exit_context {
  __u64 common;
  long nr;
  long result;
};

enum nr {
  NR_READ = 0,
  NR_WRITE = 1,
  NR_MMAP = 9,
  NR_MUNMAP = 11,
  NR_PREAD64 = 17,
  NR_PWRITE64 = 18,
  NR_READV = 19,
  NR_WRITEV = 20,
  NR_SENDFILE = 40,
  NR_SENDTO = 44,
  NR_RECVFROM = 45,
  NR_SENDMSG = 46,
  NR_RECVMSG = 47,
  NR_SPLICE = 275,
  NR_TEE = 276,
  NR_PREADV = 295,
  NR_PWRITEV = 296,
  NR_COPY_FILE_RANGE = 326,
  NR_PREADV2 = 327,
  NR_PWRITEV2 = 328,
};

/* What stands behind a descriptor. A socket becomes one of the traced ones. */
static __always_inline __u8 resolve(long fd, __u32 role, __u8* direct) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct fdtable* table = BPF_CORE_READ(task, files, fdt);
  if (fd < 0 || fd >= BPF_CORE_READ(table, max_fds)) return ZC_FILE;
  struct file** slots = BPF_CORE_READ(table, fd);
  struct file* file = 0;
  bpf_probe_read_kernel(&file, sizeof file, slots + fd);
  if (!file) return ZC_FILE;
  __u32 kind = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
  if (kind == S_IFREG) {
    if (BPF_CORE_READ(file, f_flags) & O_DIRECT) *direct = 1;
    return ZC_PAGE_CACHE;
  }
  if (kind == S_IFIFO) return ZC_PIPE;
  if (kind != S_IFSOCK) return ZC_FILE;
  struct socket* socket = BPF_CORE_READ(file, private_data);
  __u64 sk = (__u64)BPF_CORE_READ(socket, sk);
  if (sk && !bpf_map_lookup_elem(&sockets, &sk)) bpf_map_update_elem(&sockets, &sk, &role, BPF_ANY);
  return ZC_SOCKET_BUFFER;
}

static __always_inline __u8 kind_of_memory(__u64 address) {
  __u32 tgid = bpf_get_current_pid_tgid() >> 32;
  struct mappings* files = bpf_map_lookup_elem(&mapped, &tgid);
  if (!files) return ZC_USER_BUFFER;
  for (int i = 0; i < MAPPINGS; i++)
    if (address - files->at[i].first < files->at[i].bytes) return ZC_PAGE_CACHE;
  return ZC_USER_BUFFER;
}

/* Which way the bytes go, seen from the program. */
enum way { WAY_NONE, WAY_IN, WAY_OUT, WAY_THROUGH };

static __always_inline __u8 way_of(__u32 nr) {
  switch (nr) {
    case NR_READ:
    case NR_PREAD64:
    case NR_READV:
    case NR_PREADV:
    case NR_PREADV2:
    case NR_RECVFROM:
    case NR_RECVMSG:
      return WAY_IN;
    case NR_WRITE:
    case NR_PWRITE64:
    case NR_SENDTO:
    case NR_WRITEV:
    case NR_PWRITEV:
    case NR_PWRITEV2:
    case NR_SENDMSG:
      return WAY_OUT;
    case NR_SENDFILE:
    case NR_SPLICE:
    case NR_TEE:
    case NR_COPY_FILE_RANGE:
      return WAY_THROUGH;
    default:
      return WAY_NONE;
  }
}

static __always_inline void describe(struct call* call, struct zc_target* target, const __u64* args) {
  int first = args[0], second = args[1], third = args[2];
  __u32 role = target->role;
  call->way = way_of(call->nr);
  call->user = ZC_USER_BUFFER;
  if (call->way == WAY_IN) {
    call->in = resolve(first, role, &call->direct);
    call->out = ZC_USER_BUFFER;
  } else if (call->way == WAY_OUT) {
    bool has_address = call->nr == NR_WRITE || call->nr == NR_PWRITE64 || call->nr == NR_SENDTO;
    if (has_address) call->user = kind_of_memory(args[1]);
    call->in = call->user;
    call->out = resolve(first, role, &call->direct);
  } else if (call->way == WAY_THROUGH) {
    bool backwards = call->nr == NR_SENDFILE; /* it names where to before where from */
    bool adjacent = backwards || call->nr == NR_TEE;
    call->in = resolve(backwards ? second : first, role, &call->direct);
    call->out = resolve(backwards ? first : adjacent ? second : third, role, &call->direct);
  } else if (call->nr == NR_MMAP) {
    call->in = resolve(args[4], role, &call->direct);
  }
  /* Its pages rest in the cache as well, but the one that is read from is another place. */
  if (call->out == ZC_PAGE_CACHE) call->out = ZC_FILE;
}

/* The sender's gate: its first write there ends the transfer, its second one says that the send queue is empty; the
 * receiver's ends its reading. Such calls belong to the conductor, not to the transfer. */
static __always_inline bool at_gate(struct zc_target* target, long nr, int fd) {
  if (target->gate < 0 || nr != NR_WRITE || fd != target->gate) return false;
  __u64 now = bpf_ktime_get_ns();
  if (target->role == ZC_SENDER && target->stage == ZC_MOVING) {
    target->stage = ZC_DRAINING;
    end_clock(target, now);
    t_end = now;
    window = WINDOW_DRAIN;
    mark(ZC_SENDER, ZC_M_END, now);
  } else if (target->role == ZC_SENDER && target->stage == ZC_DRAINING) {
    target->stage = ZC_DONE;
    t_drained = now;
    mark(ZC_SENDER, ZC_M_DRAINED, now);
  } else if (target->role == ZC_RECEIVER && window != WINDOW_BEFORE && target->stage != ZC_DONE) {
    target->stage = ZC_DONE;
    end_clock(target, now);
    mark(ZC_RECEIVER, ZC_M_RECEIVED, now);
  }
  return true;
}

SEC("tp/raw_syscalls/sys_enter")
int sys_enter(struct sys_enter_context* ctx) {
  struct zc_target* target = current_target();
  if (!target) return 0;
  hit(ZC_P_SYS_ENTER);
  __u64 args[6];
  for (int i = 0; i < 6; i++) args[i] = ctx->args[i];
  if (at_gate(target, ctx->nr, args[0])) return 0;

  struct call call = {
      .t = bpf_ktime_get_ns(), .nr = ctx->nr, .in = ZC_FILE, .out = ZC_FILE, .address = args[0], .bytes = args[1]};
  describe(&call, target, args);
  if (call.direct) direct_in_flight = 1;
  __u32 tid = current_tid();
  if (bpf_map_update_elem(&calls, &tid, &call, BPF_ANY)) add_sum(target->role, ZC_S_UNTRACKED, 1);
  return 0;
}

static __always_inline void remember_mapping(struct zc_target* target, struct call* call, __u64 address, __u64 bytes) {
  __u32 tgid = bpf_get_current_pid_tgid() >> 32;
  struct mappings* files = bpf_map_lookup_elem(&mapped, &tgid);
  if (!files) {
    struct mappings none = {};
    bpf_map_update_elem(&mapped, &tgid, &none, BPF_NOEXIST);
    files = bpf_map_lookup_elem(&mapped, &tgid);
    if (!files) return;
  }
  __u32 slot = files->used++ % MAPPINGS;
  files->at[slot].first = address;
  files->at[slot].bytes = bytes;
  if (!is_active(target)) return;
  struct zc_edge edge = {.role = target->role,
                         .from = ZC_PAGE_CACHE,
                         .to = ZC_USER_BUFFER,
                         .by = ZC_REFERENCE,
                         .context = ZC_SYSCALL,
                         .mechanism = ZC_EVENT,
                         .probe = ZC_P_MMAP};
  moved(&edge, call, bytes);
}

static __always_inline void forget_mapping(__u64 address) {
  __u32 tgid = bpf_get_current_pid_tgid() >> 32;
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
  window = WINDOW_TRANSFER;
  mark(ZC_SENDER, ZC_M_BEGIN, now);
}

static __always_inline void fill(struct zc_record* record, struct call* call, long result) {
  record->dur = record->t - call->t;
  record->t = call->t;
  record->probe = call->nr;
  record->count = call->faults;
  record->result = result;
  record->from = call->in;
  record->to = call->out;
}

/* Two roads to the end, each with its own size of record: 5.10's verifier does not follow a size through a variable. */
static __always_inline void tell(struct zc_target* target, struct call* call, long result) {
  struct zc_record* record;
  if (!call->folded[0].calls) {
    record = new_record(ZC_K_SYSCALL, target->role, ZC_RECORD_SHORT);
    if (!record) return;
    fill(record, call, result);
    submit(record);
    return;
  }
  record = new_record(ZC_K_SYSCALL, target->role, sizeof(struct zc_record));
  if (!record) return;
  __builtin_memcpy(record->folded, call->folded, sizeof call->folded);
  fill(record, call, result);
  submit(record);
}

/* On a kernel that allows tracepoints only: what the call says it moved, with no word on how. Reads of sockets are left
 * to skb_copy_datagram_iovec, direct reads to the block layer. */
static __always_inline void infer(struct zc_target* target, struct call* call, long result) {
  if (result <= 0 || call->direct) return;
  struct zc_edge edge = {.role = target->role,
                         .from = call->in,
                         .to = call->out,
                         .by = ZC_CPU,
                         .context = ZC_SYSCALL,
                         .mechanism = ZC_INFERRED,
                         .probe = ZC_P_SYS_EXIT};
  if (call->way == WAY_NONE || (call->way == WAY_IN && call->in == ZC_SOCKET_BUFFER)) return;
  if (call->way == WAY_THROUGH) edge.by = ZC_REFERENCE;
  moved(&edge, call, result);
}

static __always_inline void count_call(__u32 role, __u32 nr) {
  struct zc_syscall_key key = {role, nr};
  __u64* count = bpf_map_lookup_elem(&syscalls, &key);
  if (!count) {
    /* Another CPU may insert it in between: that is as good. */
    __u64 none = 0;
    bpf_map_update_elem(&syscalls, &key, &none, BPF_NOEXIST);
    count = bpf_map_lookup_elem(&syscalls, &key);
  }
  if (count)
    *count += 1;
  else
    add_sum(role, ZC_S_UNTRACKED, 1);
}

SEC("tp/raw_syscalls/sys_exit")
int sys_exit(struct sys_exit_context* ctx) {
  struct zc_target* target = current_target();
  if (!target) return 0;
  hit(ZC_P_SYS_EXIT);
  long result = ctx->result;
  __u32 tid = current_tid();
  struct call* call = bpf_map_lookup_elem(&calls, &tid);
  if (!call) {
    pass_gate(target, ctx->nr, result);
    return 0;
  }
  long nr = call->nr;

  if (nr == NR_MMAP && call->in == ZC_PAGE_CACHE && (result >= 0 || result < -4095))
    remember_mapping(target, call, result, call->bytes);
  if (nr == NR_MUNMAP && result == 0) forget_mapping(call->address);
  if (call->direct) direct_in_flight = 0;

  if (is_active(target)) {
    count_call(target->role, nr);
    add_sum(target->role, ZC_S_CALL_SWITCHES, 2);
    if (infer_from_calls) infer(target, call, result);
    tell(target, call, result);
  }
  bpf_map_delete_elem(&calls, &tid);
  pass_gate(target, ctx->nr, result);
  return 0;
}
