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

static __always_inline struct file* file_of(long fd) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct fdtable* table = BPF_CORE_READ(task, files, fdt);
  if (fd < 0 || fd >= BPF_CORE_READ(table, max_fds)) return 0;
  struct file** slots = BPF_CORE_READ(table, fd);
  struct file* file = 0;
  bpf_probe_read_kernel(&file, sizeof file, slots + fd);
  return file;
}

/* A socket becomes one of the traced ones. Followed programs have so many that only those are kept whose end is told:
 * the others' work is all done in their calls. */
static __always_inline void trace_socket(struct file* file, __u32 role) {
  struct socket* socket = BPF_CORE_READ(file, private_data);
  struct sock* sk = BPF_CORE_READ(socket, sk);
  __u64 key = (__u64)sk;
  if (!sk || bpf_map_lookup_elem(&sockets, &key)) return;
  if (follow_programs) {
    __u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
    if ((family != AF_INET && family != AF_INET6) || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP) return;
  }
  struct traced_socket traced = {.role = role};
  bpf_map_update_elem(&sockets, &key, &traced, BPF_ANY);
}

/* What stands behind a descriptor, and which place it is. */
static __always_inline __u8 resolve(long fd, __u32 role, struct zc_place* place, __u8* direct) {
  struct file* file = file_of(fd);
  if (!file) return ZC_FILE;
  if (follow_programs) *place = place_of_file(file);
  __u32 kind = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
  if (kind == S_IFREG) {
    if (BPF_CORE_READ(file, f_flags) & O_DIRECT) *direct = 1;
    return ZC_PAGE_CACHE;
  }
  if (kind == S_IFIFO) return ZC_PIPE;
  if (kind != S_IFSOCK) return ZC_FILE;
  trace_socket(file, role);
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

/* Where the program's own end of the bytes is. */
static __always_inline void find_segments(struct call* call, const __u64* args) {
  const void* vector = 0;
  __u64 count = 0;
  switch (call->nr) {
    case NR_READV:
    case NR_WRITEV:
    case NR_PREADV:
    case NR_PWRITEV:
    case NR_PREADV2:
    case NR_PWRITEV2:
    case NR_VMSPLICE:
      vector = (void*)args[1];
      count = args[2];
      break;
    case NR_SENDMSG:
    case NR_RECVMSG: { /* struct msghdr: the vector and its length follow the address */
      __u64 message[2] = {};
      bpf_probe_read_user(message, sizeof message, (void*)(args[1] + 16));
      vector = (void*)message[0];
      count = message[1];
      break;
    }
    default:
      call->segments[0].address = args[1];
      call->segments[0].bytes = args[2];
      call->segment_count = 1;
      return;
  }
  if (count > SEGMENTS) count = SEGMENTS;
  if (bpf_probe_read_user(call->segments, count * sizeof(struct segment), vector)) count = 0;
  call->segment_count = count;
  __u64 most = 0;
  for (__u32 i = 0; i < SEGMENTS && i < count; i++) {
    if (call->segments[i].bytes <= most) continue;
    most = call->segments[i].bytes;
    call->main_segment = i;
  }
}

/* What a call that writes is about to move, told by the largest of its pieces. */
static __always_inline void foresee(struct call* call, bool by_tree) {
  struct zc_flow_key* key = &call->flow;
  __u64 address = call->segments[call->main_segment & (SEGMENTS - 1)].address;
  struct zc_brought* brought = call->segment_count ? buffer_at(address) : 0;
  key->from.kind = ZC_AT_MEMORY;
  key->link = ZC_UNLINKED;
  key->method = ZC_ONLY_WRITE;
  if (brought) {
    key->from = brought->from;
    key->link = ZC_BY_BUFFER;
    key->method = brought->method == ZC_DIRECT_IO ? ZC_DIRECT_IO : ZC_READ_WRITE;
  } else if (call->segment_count) {
    struct mapped_file mapped = {};
    find_mapped(address, by_tree, &mapped);
    if (mapped.found) {
      call->user = call->in = ZC_PAGE_CACHE;
      key->from = mapped.place;
      key->link = ZC_BY_MAPPING;
      key->method = ZC_MMAP_WRITE;
    }
  }
  if (call->zerocopy) key->method = ZC_MSG_ZEROCOPY;
  if (call->nr == NR_VMSPLICE) key->method = ZC_VMSPLICE;
}

/* The same for a call that names both ends. */
static __always_inline void foresee_through(struct call* call) {
  struct zc_flow_key* key = &call->flow;
  key->link = ZC_BY_CALL;
  key->method = call->nr == NR_SENDFILE          ? ZC_SENDFILE
                : call->nr == NR_TEE             ? ZC_TEE
                : call->nr == NR_COPY_FILE_RANGE ? ZC_COPY_FILE_RANGE
                                                 : ZC_SPLICE;
}

/* What the socket is sent from now on is of this flow. For splice: of what is in the pipe. */
static __always_inline void announce(struct call* call, long fd) {
  if (call->flow.to.kind != ZC_AT_SOCKET) return;
  struct file* file = file_of(fd);
  if (!file) return;
  struct socket* socket = BPF_CORE_READ(file, private_data);
  __u64 sk = (__u64)BPF_CORE_READ(socket, sk);
  struct traced_socket* traced = bpf_map_lookup_elem(&sockets, &sk);
  if (!traced) return;
  traced->flow = call->flow;
  traced->has_flow = 1;
  if (call->nr != NR_SPLICE) return;
  struct zc_place pipe = call->flow.from;
  struct zc_brought* brought = bpf_map_lookup_elem(&pipes, &pipe);
  if (!brought || !brought->bytes || brought->tgid != current_tgid()) return;
  traced->flow.from = brought->from;
  traced->flow.method = brought->method;
  traced->flow.link = ZC_BY_PIPE;
}

static __always_inline void describe(struct call* call, struct zc_target* target, const __u64* args, bool by_tree) {
  int first = args[0], second = args[1], third = args[2];
  __u32 role = target->role;
  int out = first;
  call->way = way_of(call->nr);
  call->user = ZC_USER_BUFFER;
  if (call->way == WAY_IN) {
    call->in = resolve(first, role, &call->flow.from, &call->direct);
    call->out = ZC_USER_BUFFER;
    call->flow.to.kind = ZC_AT_MEMORY;
    call->flow.link = ZC_UNLINKED;
    call->flow.method = call->direct ? ZC_DIRECT_IO : ZC_ONLY_READ;
    if (follow_programs) find_segments(call, args);
  } else if (call->way == WAY_OUT) {
    bool has_address = call->nr == NR_WRITE || call->nr == NR_PWRITE64 || call->nr == NR_SENDTO;
    if (has_address && !follow_programs) call->user = kind_of_memory(args[1]);
    call->in = call->user;
    call->out = resolve(first, role, &call->flow.to, &call->direct);
    if (follow_programs) {
      __u64 flags = call->nr == NR_SENDTO ? args[3] : call->nr == NR_SENDMSG ? args[2] : 0;
      call->zerocopy = (flags & MSG_ZEROCOPY) != 0;
      find_segments(call, args);
      foresee(call, by_tree);
    }
  } else if (call->way == WAY_THROUGH) {
    bool backwards = call->nr == NR_SENDFILE; /* it names where to before where from */
    bool adjacent = backwards || call->nr == NR_TEE;
    out = backwards ? first : adjacent ? second : third;
    call->in = resolve(backwards ? second : first, role, &call->flow.from, &call->direct);
    call->out = resolve(out, role, &call->flow.to, &call->direct);
    if (follow_programs) foresee_through(call);
  } else if (call->nr == NR_MMAP && !follow_programs) {
    call->in = resolve(args[4], role, &call->flow.from, &call->direct);
  }
  if (follow_programs && (call->way == WAY_OUT || call->way == WAY_THROUGH)) announce(call, out);
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

/* Calls by the 32-bit table have other numbers: they are counted by name, and not understood. */
static __always_inline bool is_compat(void) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  return follow_programs && BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline void call_begins(struct sys_enter_context* ctx, bool by_tree) {
  struct zc_target* target = current_target();
  if (!target) return;
  hit(ZC_P_SYS_ENTER);
  __u64 args[6];
  for (int i = 0; i < 6; i++) args[i] = ctx->args[i];
  if (at_gate(target, ctx->nr, args[0])) return;

  struct call* call = open_call();
  if (!call) {
    add_sum(target->role, ZC_S_UNTRACKED, 1);
    return;
  }
  call->t = bpf_ktime_get_ns();
  call->nr = ctx->nr;
  call->in = call->out = ZC_FILE;
  call->address = args[0];
  call->bytes = args[1];
  if (is_compat())
    call->nr |= ZC_COMPAT_CALL;
  else
    describe(call, target, args, by_tree);
  if (call->direct) direct_in_flight = 1;
}

SEC("tp/raw_syscalls/sys_enter")
int sys_enter(struct sys_enter_context* ctx) {
  call_begins(ctx, false);
  return 0;
}

SEC("tp/raw_syscalls/sys_enter")
int sys_enter_before_5_17(struct sys_enter_context* ctx) {
  call_begins(ctx, true);
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
  /* What a device does with it is its own affair: /dev/null copies nothing. */
  const struct zc_place* far = call->way == WAY_OUT ? &call->flow.to : &call->flow.from;
  if (follow_programs && (far->kind == ZC_AT_DEVICE || far->kind == ZC_AT_OTHER)) return;
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

static __always_inline void call_ends(struct sys_exit_context* ctx, bool by_tree) {
  struct zc_target* target = current_target();
  if (!target) return;
  hit(ZC_P_SYS_EXIT);
  long result = ctx->result;
  struct call* call = current_call();
  if (!call) {
    pass_gate(target, ctx->nr, result);
    return;
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
    if (follow_programs) settle(call, result, by_tree);
  }
  call->is_open = 0;
  pass_gate(target, ctx->nr, result);
}

SEC("tp/raw_syscalls/sys_exit")
int sys_exit(struct sys_exit_context* ctx) {
  call_ends(ctx, false);
  return 0;
}

SEC("tp/raw_syscalls/sys_exit")
int sys_exit_before_5_17(struct sys_exit_context* ctx) {
  call_ends(ctx, true);
  return 0;
}
