/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Decodes a system call's arguments at its entry: which objects its descriptors are, where the program's own memory is,
 * and which flow the call will prove to be. */
#pragma once

static __always_inline struct file* file_of(long fd) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct fdtable* table = KERNEL(task_struct, task, files, fdt);
  if (fd < 0 || fd >= KERNEL(fdtable, table, max_fds)) return 0;
  struct file *file = 0, **slots = KERNEL(fdtable, table, fd);
  bpf_probe_read_kernel(&file, sizeof file, slots + fd);
  return file;
}

/* Adds a socket to the traced ones. Of followed programs only TCP's and UDP's: all work of others is done within their
 * calls. */
static __always_inline void trace_socket(struct file* file, __u32 role) {
  struct sock* sk = sock_of(file);
  __u64 key = (__u64)sk;
  if (!sk || socket_of(key)) return;
  if (follow_programs) {
    __u16 protocol = internet_protocol(sk);
    if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) return;
  }
  struct traced_socket traced = {.role = role, .ino = KERNEL(file, file, f_inode, i_ino)};
  if (bpf_map_update_elem(&sockets, &key, &traced, BPF_ANY)) add_sum(role, ZC_S_SOCKETS_LOST, 1);
}

/* What is known to touch a socket's bytes where no hook sees it: that changes while it is open. */
static __always_inline __u64 why_of_socket(struct file* file) {
  struct sock* sk = sock_of(file);
  if (internet_protocol(sk) != IPPROTO_TCP) return 0;
  struct inet_connection_sock* connection = (void*)sk;
  const struct tcp_ulp_ops* ops = KERNEL(inet_connection_sock, connection, icsk_ulp_ops);
  if (!ops) return 0;
  char name[4] = {};
  bpf_probe_read_kernel(name, sizeof name, (const char*)ops + bpf_core_field_offset(ops->name));
  return begins_with(name, "tls", sizeof "tls") ? ZC_WHY_KERNEL_TLS : ZC_WHY_UNSEEN;
}

/* Kernel TLS by the CPU is seen at its cipher, that of a device is not. Keys may be set for one direction only. */
static __always_inline __u64 look_at_tls(struct file* file, struct call* call, bool sends) {
  struct sock* sk = sock_of(file);
  struct inet_connection_sock* connection = (void*)sk;
  struct tls_context* tls = BPF_CORE_READ(connection, icsk_ulp_data);
  if (!sees_tls || !tls || !bpf_core_field_exists(tls->tx_conf)) return ZC_WHY_KERNEL_TLS;
  __u64 how = sends ? BPF_CORE_READ_BITFIELD_PROBED(tls, tx_conf) : BPF_CORE_READ_BITFIELD_PROBED(tls, rx_conf);
  if (how == TLS_BASE) return 0;
  if (how != TLS_SW) return ZC_WHY_KERNEL_TLS;
  call->tls = (__u64)sk;
  call->tls_sends = sends;
  return 0;
}

/* Into /dev/null, whose driver looks at none of them. */
static __always_inline bool is_dropped_at(struct file* file) {
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFCHR) return false;
  return BPF_CORE_READ(file, f_inode, i_rdev) == DEV_NULL;
}

/* vmsplice into a pipe takes the pages as they are; out of one it copies. */
static __always_inline bool is_written_to(struct file* file) {
  return file && BPF_CORE_READ(file, f_mode) & FMODE_WRITE;
}

/* The kind of object that a file is, and its place. */
static __always_inline __u8 resolve_file(struct file* file, __u32 role, struct zc_place* place, struct call* call) {
  if (!file) return ZC_FILE;
  __u32 kind = KERNEL(file, file, f_inode, i_mode) & S_IFMT;
  __u64 why = 0;
  if (follow_programs) *place = place_of_file(file, &why);
  if (kind == S_IFSOCK && (follow_programs || sees_tls)) why = why_of_socket(file);
  call->why |= why == ZC_WHY_KERNEL_TLS ? look_at_tls(file, call, place == &call->flow.to) : why;
  if (kind == S_IFREG || kind == S_IFBLK) {
    /* tmpfs takes the flag since 6.6, and copies. */
    unsigned int flags = KERNEL(file, file, f_flags);
    bool asked = flags & O_DIRECT;
    if ((flags & O_APPEND) && place == &call->flow.to) call->why |= ZC_IS_APPENDED;
    if (asked && BPF_CORE_READ(file, f_inode, i_sb, s_magic) != TMPFS_MAGIC) call->direct = 1;
    if (kind == S_IFBLK && asked) call->direct = 1; /* its inode is devtmpfs' */
    return ZC_PAGE_CACHE;
  }
  if (kind == S_IFIFO) return ZC_PIPE;
  if (kind != S_IFSOCK) return ZC_FILE;
  trace_socket(file, role);
  return ZC_SOCKET_BUFFER;
}

static __always_inline __u8 kind_of_memory(__u64 address) {
  __u32 tgid = current_tgid();
  struct mappings* files = bpf_map_lookup_elem(&mapped, &tgid);
  if (!files) return ZC_USER_BUFFER;
  for (int i = 0; i < MAPPINGS; i++)
    if (address - files->at[i].first < files->at[i].bytes) return ZC_PAGE_CACHE;
  return ZC_USER_BUFFER;
}

/* The program's own memory that the call reads or writes: the cursor over it, and its first segments. */
static __always_inline void find_segments(struct call* call, const __u64* args) {
  struct cursor* cursor = &call->cursor;
  cursor->in_message = ~0ull;
  switch (call->nr) {
    case NR_READV:
    case NR_WRITEV:
    case NR_PREADV:
    case NR_PWRITEV:
    case NR_PREADV2:
    case NR_PWRITEV2:
    case NR_VMSPLICE:
    case NR_PROCESS_VM_READV:
    case NR_PROCESS_VM_WRITEV:
      cursor->vector = args[1];
      cursor->segments = args[2];
      break;
    case NR_SENDMMSG:
    case NR_RECVMMSG:
      cursor->message = args[1];
      /* fall through */
    case NR_SENDMSG:
    case NR_RECVMSG: {
      __u64 vector[2] = {};
      bpf_probe_read_user(vector, sizeof vector, (void*)(args[1] + MSGHDR_VECTOR));
      cursor->vector = vector[0];
      cursor->segments = vector[1];
      break;
    }
    default:
      call->piece.address = call->segments[0].address = args[1];
      call->piece.bytes = call->segments[0].bytes = args[2];
      call->segment_count = 1;
      return;
  }
  __u32 count = cursor->segments < SEGMENTS ? cursor->segments : SEGMENTS;
  if (bpf_probe_read_user(call->segments, count * sizeof(struct segment), (void*)cursor->vector)) count = 0;
  call->segment_count = count;
  __u64 most = 0;
  for (__u32 i = 0; i < SEGMENTS && i < count; i++) {
    if (call->segments[i].bytes <= most) continue;
    most = call->segments[i].bytes;
    call->main_segment = i + 1; /* as the cursor counts */
  }
  if (cursor->message) cursor->segments = 0; /* the call's end tells how many messages there were */
}

/* What a segment that is about to be written is: call->flow. The copies inside the call happen before its result is
 * known. */
static __always_inline void predict_segment(struct call* call, __u32 index, bool by_tree) {
  struct zc_flow_key* key = &call->flow;
  const struct segment* segment = &call->segments[index & (SEGMENTS - 1)];
  __builtin_memset(&key->from, 0, sizeof key->from);
  key->from.kind = ZC_AT_MEMORY;
  key->link = ZC_UNLINKED;
  key->method = method_of_write(call, FROM_MEMORY, false);
  struct zc_pending_read* pending = segment->bytes ? unchanged_range(call, segment->address, segment->bytes) : 0;
  bool kept = segment->bytes && call->segment_count == 1 && !call->is_request;
  if (pending) {
    if (kept) {
      call->predicted = FROM_RANGE;
      call->predicted_link = call->link;
      call->predicted_range = call->found;
      call->predicted_range_t = pending->t;
    }
    key->from = pending->from;
    key->link = call->link;
    key->method = method_of_write(call, FROM_RANGE, pending->method == ZC_DIRECT_IO);
  } else if (segment->bytes) {
    struct mapped_file mapped = {};
    find_mapped(segment->address, by_tree, &mapped);
    if (kept) {
      call->predicted = mapped.found ? FROM_MAPPING : FROM_MEMORY;
      call->mapped = mapped;
    }
    if (mapped.found) {
      call->user = call->in = ZC_PAGE_CACHE;
      key->from = mapped.place;
      key->link = ZC_BY_MAPPING;
      key->method = method_of_write(call, FROM_MAPPING, false);
    }
  }
}

/* Not inlined: the verifier then checks them once. */
__noinline int predict_next_segment(__u32 index) {
  struct call* call = current_call();
  if (call) predict_segment(call, index, false);
  return 0;
}
__noinline int predict_next_segment_by_tree(__u32 index) {
  struct call* call = current_call();
  if (call) predict_segment(call, index, true);
  return 0;
}

static __always_inline void predict(__u32 index, bool by_tree) {
  if (by_tree)
    predict_next_segment_by_tree(index);
  else
    predict_next_segment(index);
}

/* Which flows what is written to a TCP socket will be of, by where in its stream it will lie; and the flow of the
 * largest segment, which stands for the call. */
static __always_inline void predict_flows(struct call* call, __u64 sk, bool by_tree) {
  __u32 sequence = sk ? sequence_of_next(sk) : 0;
  for (__u32 i = 0; i < SEGMENTS && sk; i++) {
    if (call->segment_count < 2 || i >= call->segment_count) break;
    predict(i, by_tree);
    call->sent.flow = call->flow;
    note_sent_flow(call, sk, sequence);
    sequence += call->segments[i].bytes;
  }
  call->user = call->in = ZC_USER_BUFFER;
  predict(call->main_segment ? call->main_segment - 1 : 0, by_tree);
  if (!sk || call->segment_count > 1) return;
  call->sent.flow = call->flow;
  note_sent_flow(call, sk, sequence);
}

/* The traced socket that the file is, if it is one. */
static __always_inline __u64 socket_at(const struct call* call, struct file* file) {
  if (!file || call->flow.to.kind != ZC_AT_SOCKET) return 0;
  __u64 sk = (__u64)sock_of(file);
  return socket_of(sk) ? sk : 0;
}

/* Splice gives a socket the flow of what is in the pipe. */
static __always_inline void look_into_pipe(struct call* call) {
  struct zc_place pipe = call->flow.from;
  struct zc_pending_read* pending = bpf_map_lookup_elem(&pipes, &pipe);
  if (!pending || !pending->bytes || pending->process.tgid != current_tgid()) return;
  call->sent.flow.from = pending->from;
  call->sent.flow.method = pending->method;
  call->sent.flow.link = ZC_BY_PIPE;
}

/* The same for a call that names both ends. */
static __always_inline void predict_transfer(struct call* call, struct file* out) {
  struct zc_flow_key* key = &call->flow;
  key->link = ZC_BY_CALL;
  key->method = call->nr == NR_SENDFILE          ? ZC_SENDFILE
                : call->nr == NR_TEE             ? ZC_TEE
                : call->nr == NR_COPY_FILE_RANGE ? ZC_COPY_FILE_RANGE
                                                 : ZC_SPLICE;
  __u64 sk = socket_at(call, out);
  if (!sk) return;
  call->sent.flow = call->flow;
  if (call->nr == NR_SPLICE) look_into_pipe(call);
  note_sent_flow(call, sk, sequence_of_next(sk));
}

/* MSG_PEEK and so on. */
static __always_inline __u64 flags_of(__u32 nr, const __u64* args) {
  switch (nr) {
    case NR_SENDTO:
    case NR_RECVFROM:
    case NR_SENDMMSG:
    case NR_RECVMMSG:
      return args[3];
    case NR_SENDMSG:
    case NR_RECVMSG:
      return args[2];
    default:
      return 0;
  }
}

static __always_inline __u8 memory_of_process(int pid, struct zc_place* place) {
  place->kind = ZC_AT_PROCESS;
  place->ino = pid;
  return ZC_USER_BUFFER;
}

/* What is the same of a call and of a request, once both ends are known. */
static __always_inline void finish_decoding(struct call* call, struct file* out) {
  bool goes_out = call->direction == DIRECTION_OUT || call->direction == DIRECTION_THROUGH;
  if (follow_programs && goes_out && call->flow.to.kind == ZC_AT_DEVICE && is_dropped_at(out)) call->no_copy = 1;
  /* Its pages are in the page cache too, but ZC_PAGE_CACHE means the file that is read. */
  if (call->out == ZC_PAGE_CACHE) call->out = ZC_FILE;
}

/* Between two files that share their blocks nothing is moved: what the call's end tells. */
static __always_inline void decode_clone(struct call* call, __u64 argument) {
  struct clone_range range = {};
  if (bpf_probe_read_user(&range, sizeof range, (void*)argument)) return;
  struct file* file = range.bytes ? 0 : file_of(range.from);
  call->piece.bytes = file ? (__u64)BPF_CORE_READ(file, f_inode, i_size) - range.offset : range.bytes;
}

/* Without SO_ZEROCOPY the kernel ignores MSG_ZEROCOPY. */
static __always_inline bool asks_for_zerocopy(struct file* file) {
  if (!file || !bpf_core_enum_value_exists(enum sock_flags, SOCK_ZEROCOPY)) return true;
  struct sock* sk = sock_of(file);
  return BPF_CORE_READ(sk, __sk_common.skc_flags) >> bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY) & 1;
}

static __always_inline void decode_call(struct call* call, __u32 role, const __u64* args, bool by_tree) {
  int first = args[0], second = args[1], third = args[2];
  struct file* out = 0;
  bool process_vm = call->nr == NR_PROCESS_VM_READV || call->nr == NR_PROCESS_VM_WRITEV;
  call->direction = direction_of(call->nr);
  call->user = ZC_USER_BUFFER;
  if (call->nr == NR_GETSOCKOPT && second == IPPROTO_TCP && third == TCP_ZEROCOPY_RECEIVE) {
    call->direction = DIRECTION_IN;
    call->zerocopy_receive = args[3];
    call->second.address = args[4]; /* of its length */
  }
  if (call->direction == DIRECTION_IN) {
    call->in = process_vm ? memory_of_process(first, &call->flow.from)
                          : resolve_file(file_of(first), role, &call->flow.from, call);
    call->out = ZC_USER_BUFFER;
    call->flow.to.kind = ZC_AT_MEMORY;
    call->flow.link = ZC_UNLINKED;
    call->flow.method = process_vm ? ZC_PROCESS_VM : only_read(call);
    if (follow_programs && !call->zerocopy_receive) {
      __u64 flags = flags_of(call->nr, args);
      call->peek = (flags & MSG_PEEK) != 0;
      call->truncate = (flags & MSG_TRUNC) != 0;
      find_segments(call, args);
    }
  } else if (call->direction == DIRECTION_OUT) {
    bool has_address = call->nr == NR_WRITE || call->nr == NR_PWRITE64 || call->nr == NR_SENDTO;
    if (has_address && !follow_programs) call->user = kind_of_memory(args[1]);
    call->in = call->user;
    if (!process_vm) out = file_of(first);
    call->out = process_vm ? memory_of_process(first, &call->flow.to) : resolve_file(out, role, &call->flow.to, call);
    call->no_copy = call->nr == NR_VMSPLICE && is_written_to(out);
    call->zerocopy = (flags_of(call->nr, args) & MSG_ZEROCOPY) != 0;
    if (follow_programs) {
      find_segments(call, args);
      if (call->zerocopy && !asks_for_zerocopy(out)) call->why |= ZC_NO_SO_ZEROCOPY;
      look_at_content(true);
      predict_flows(call, socket_at(call, out), by_tree);
    }
  } else if (call->direction == DIRECTION_THROUGH) {
    bool backwards = call->nr == NR_SENDFILE; /* its first argument is the destination */
    bool adjacent = backwards || call->nr == NR_TEE;
    out = file_of(backwards ? first : adjacent ? second : third);
    call->in = resolve_file(file_of(backwards ? second : first), role, &call->flow.from, call);
    call->out = resolve_file(out, role, &call->flow.to, call);
    if (follow_programs) predict_transfer(call, out);
  } else if (call->nr == NR_IOCTL && call->bytes == CLONE_RANGE && !follow_programs) {
    decode_clone(call, args[2]);
  } else if (call->nr == NR_MMAP && !follow_programs) {
    call->in = resolve_file(file_of(args[4]), role, &call->flow.from, call);
  }
  finish_decoding(call, out);
}
