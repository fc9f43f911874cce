/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Decodes a system call's arguments at its entry: which objects its descriptors are, where the program's own memory is,
 * and which flow the call will prove to be. */
#pragma once

static __always_inline struct file* file_of(long fd) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct fdtable* table = BPF_CORE_READ(task, files, fdt);
  if (fd < 0 || fd >= BPF_CORE_READ(table, max_fds)) return 0;
  struct file** slots = BPF_CORE_READ(table, fd);
  struct file* file = 0;
  bpf_probe_read_kernel(&file, sizeof file, slots + fd);
  return file;
}

/* Adds a socket to the traced ones. Of followed programs only TCP sockets: their end is reported (inet_sock_set_state),
 * and all work of other sockets is done within their calls. */
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

/* What is known to touch bytes where no hook sees it. */
static __always_inline __u64 why_unseen(struct file* file, __u32 kind) {
  if (kind == ZC_AT_FILE) return BPF_CORE_READ(file, f_inode, i_sb, s_magic) == FUSE_SUPER_MAGIC ? ZC_WHY_FUSE : 0;
  if (kind != ZC_AT_SOCKET) return 0;
  struct socket* socket = BPF_CORE_READ(file, private_data);
  struct sock* sk = BPF_CORE_READ(socket, sk);
  __u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
  if ((family != AF_INET && family != AF_INET6) || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP) return 0;
  struct inet_connection_sock* connection = (void*)sk;
  const struct tcp_ulp_ops* ops = BPF_CORE_READ(connection, icsk_ulp_ops);
  if (!ops) return 0;
  char name[4] = {};
  bpf_probe_read_kernel(name, sizeof name, (const char*)ops + bpf_core_field_offset(ops->name));
  return name[0] == 't' && name[1] == 'l' && name[2] == 's' && !name[3] ? ZC_WHY_KERNEL_TLS : ZC_WHY_UNSEEN;
}

/* Into /dev/null, whose driver looks at none of them. */
static __always_inline bool is_dropped_at(long fd) {
  struct file* file = file_of(fd);
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFCHR) return false;
  return BPF_CORE_READ(file, f_inode, i_rdev) == DEV_NULL;
}

/* vmsplice into a pipe takes the pages as they are; out of one it copies. */
static __always_inline bool is_written_to(long fd) {
  struct file* file = file_of(fd);
  return file && BPF_CORE_READ(file, f_mode) & FMODE_WRITE;
}

/* The kind of object behind a descriptor, and its place. */
static __always_inline __u8 resolve_fd(long fd, __u32 role, struct zc_place* place, struct call* call) {
  struct file* file = file_of(fd);
  if (!file) return ZC_FILE;
  if (follow_programs) {
    *place = place_of_file(file);
    call->why |= why_unseen(file, place->kind);
  }
  __u32 kind = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
  if (kind == S_IFREG || kind == S_IFBLK) {
    /* tmpfs takes the flag since 6.6, and copies. */
    bool asked = BPF_CORE_READ(file, f_flags) & O_DIRECT;
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
  __u32 tgid = bpf_get_current_pid_tgid() >> 32;
  struct mappings* files = bpf_map_lookup_elem(&mapped, &tgid);
  if (!files) return ZC_USER_BUFFER;
  for (int i = 0; i < MAPPINGS; i++)
    if (address - files->at[i].first < files->at[i].bytes) return ZC_PAGE_CACHE;
  return ZC_USER_BUFFER;
}

/* The program's own memory that the call reads or writes. */
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

/* Predicts the flow of a call that writes, from its largest segment: the copies inside the call happen before its
 * result is known. */
static __always_inline void predict_flow(struct call* call, bool by_tree) {
  struct zc_flow_key* key = &call->flow;
  __u64 address = call->segments[call->main_segment & (SEGMENTS - 1)].address;
  struct zc_pending_read* pending = call->segment_count ? buffer_at(address) : 0;
  key->from.kind = ZC_AT_MEMORY;
  key->link = ZC_UNLINKED;
  key->method = ZC_ONLY_WRITE;
  if (pending) {
    key->from = pending->from;
    key->link = ZC_BY_BUFFER;
    key->method = pending->method == ZC_DIRECT_IO ? ZC_DIRECT_IO : ZC_READ_WRITE;
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
static __always_inline void predict_transfer(struct call* call) {
  struct zc_flow_key* key = &call->flow;
  key->link = ZC_BY_CALL;
  key->method = call->nr == NR_SENDFILE          ? ZC_SENDFILE
                : call->nr == NR_TEE             ? ZC_TEE
                : call->nr == NR_COPY_FILE_RANGE ? ZC_COPY_FILE_RANGE
                                                 : ZC_SPLICE;
}

/* What the socket sends from now on belongs to this flow. For splice: to the flow of what is in the pipe. */
static __always_inline void set_socket_flow(struct call* call, long fd) {
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
  struct zc_pending_read* pending = bpf_map_lookup_elem(&pipes, &pipe);
  if (!pending || !pending->bytes || pending->tgid != current_tgid()) return;
  traced->flow.from = pending->from;
  traced->flow.method = pending->method;
  traced->flow.link = ZC_BY_PIPE;
}

static __always_inline void decode_call(struct call* call, struct zc_target* target, const __u64* args, bool by_tree) {
  int first = args[0], second = args[1], third = args[2];
  __u32 role = target->role;
  int out = first;
  call->direction = direction_of(call->nr);
  call->user = ZC_USER_BUFFER;
  if (call->direction == DIRECTION_IN) {
    call->in = resolve_fd(first, role, &call->flow.from, call);
    call->out = ZC_USER_BUFFER;
    call->flow.to.kind = ZC_AT_MEMORY;
    call->flow.link = ZC_UNLINKED;
    call->flow.method = call->direct ? ZC_DIRECT_IO : ZC_ONLY_READ;
    if (follow_programs) {
      __u64 flags = call->nr == NR_RECVFROM ? args[3] : call->nr == NR_RECVMSG ? args[2] : 0;
      call->peek = (flags & MSG_PEEK) != 0;
      find_segments(call, args);
    }
  } else if (call->direction == DIRECTION_OUT) {
    bool has_address = call->nr == NR_WRITE || call->nr == NR_PWRITE64 || call->nr == NR_SENDTO;
    if (has_address && !follow_programs) call->user = kind_of_memory(args[1]);
    call->in = call->user;
    call->out = resolve_fd(first, role, &call->flow.to, call);
    if (follow_programs) {
      __u64 flags = call->nr == NR_SENDTO ? args[3] : call->nr == NR_SENDMSG ? args[2] : 0;
      call->zerocopy = (flags & MSG_ZEROCOPY) != 0;
      find_segments(call, args);
      call->no_copy = call->nr == NR_VMSPLICE && is_written_to(first);
      predict_flow(call, by_tree);
    }
  } else if (call->direction == DIRECTION_THROUGH) {
    bool backwards = call->nr == NR_SENDFILE; /* its first argument is the destination */
    bool adjacent = backwards || call->nr == NR_TEE;
    out = backwards ? first : adjacent ? second : third;
    call->in = resolve_fd(backwards ? second : first, role, &call->flow.from, call);
    call->out = resolve_fd(out, role, &call->flow.to, call);
    if (follow_programs) predict_transfer(call);
  } else if (call->nr == NR_MMAP && !follow_programs) {
    call->in = resolve_fd(args[4], role, &call->flow.from, call);
  }
  if (follow_programs && (call->direction == DIRECTION_OUT || call->direction == DIRECTION_THROUGH)) {
    set_socket_flow(call, out);
    if (call->flow.to.kind == ZC_AT_DEVICE && is_dropped_at(out)) call->no_copy = 1;
  }
  /* Its pages are in the page cache too, but ZC_PAGE_CACHE means the file that is read. */
  if (call->out == ZC_PAGE_CACHE) call->out = ZC_FILE;
}
