/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Attributes the bytes of finished system calls to flows: which bytes written are bytes read before. */
#pragma once

#define SAMPLE 16
#define STEPS 24               /* pieces of one call with one origin each, and the segments they are in */
#define PIPE_AT_MOST (1 << 20) /* default of fs.pipe-max-size */

static __always_inline void add_cost(struct zc_cost* to, const struct zc_cost* more) {
  to->calls += more->calls;
  to->cpu_bytes += more->cpu_bytes;
  to->reference_bytes += more->reference_bytes;
  to->disk_bytes += more->disk_bytes;
  to->written_bytes += more->written_bytes;
  to->unexplained_bytes += more->unexplained_bytes;
  to->why |= more->why;
}

static __always_inline __u32 current_tgid(void) { return bpf_get_current_pid_tgid() >> 32; }

/* Intermediate results are kept in the call's map entry: a program's stack is too small. */

/* Adds to call->share the part of the call's cost that `part` of its bytes account for. */
static __always_inline void add_share(struct call* call, __u64 part, bool has_call) {
  const struct zc_cost* cost = &call->cost;
  __u64 all = call->all_bytes ? call->all_bytes : 1;
  if (has_call) call->share.calls += cost->calls;
  call->share.cpu_bytes += cost->cpu_bytes == all ? part : cost->cpu_bytes * part / all;
  call->share.reference_bytes += cost->reference_bytes == all ? part : cost->reference_bytes * part / all;
  call->share.disk_bytes += cost->disk_bytes * part / all;
  call->share.written_bytes += cost->written_bytes * part / all;
  if (cost->unexplained_bytes && part) { /* rounded up: no piece of them may look known */
    call->share.unexplained_bytes += (cost->unexplained_bytes * part + all - 1) / all;
    call->share.why |= cost->why;
  }
}

/* Pages of the file that are written to its disk from now on are this flow's. */
static __always_inline void remember_writer(struct call* call, const struct zc_flow_key* flow) {
  struct file_key* file = &call->pages;
  if (!file->ino) {
    file->ino = flow->to.ino;
    file->dev = flow->to.dev;
  }
  const struct zc_flow_key* known = bpf_map_lookup_elem(&writers, file);
  if (known && known->from.ino == flow->from.ino && known->from.dev == flow->from.dev &&
      known->method == flow->method && known->link == flow->link)
    return;
  if (bpf_map_update_elem(&writers, file, flow, BPF_ANY)) add_sum(ZC_SENDER, ZC_S_WRITERS_LOST, 1);
}

static __always_inline void account_part(struct call* call, struct zc_flow_key* key, __u64 bytes,
                                       const struct zc_cost* cost) {
  call->more.bytes = bytes;
  call->more.cost = *cost;
  call->more.sent_bytes = call->more.sent_linear = call->more.sent_dma = call->more.written_later = 0;
  call->more.last = bpf_ktime_get_ns();
  account_flow(key, &call->more);
  if (bytes && key->to.kind == ZC_AT_FILE) remember_writer(call, key);
}

/* Bytes that were read and not passed on: they end in memory, or in the pipe. */
static __always_inline void account_unlinked(struct call* call, const struct zc_pending_read* pending,
                                            const struct zc_place* pipe) {
  call->unlinked.from = pending->from;
  call->unlinked.method = pending->method;
  call->unlinked.link = pipe ? ZC_BY_CALL : ZC_UNLINKED;
  call->unlinked.to.ino = pipe ? pipe->ino : 0;
  call->unlinked.to.dev = pipe ? pipe->dev : 0;
  call->unlinked.to.kind = pipe ? pipe->kind : ZC_AT_MEMORY;
  account_part(call, &call->unlinked, pending->bytes, &pending->cost);
}

/* The first bytes at an address, of which `bytes` count; what lies behind may be out of reach. */
static __always_inline bool read_sample(__u64* sample, __u64 address, __u64 bytes) {
  sample[0] = sample[1] = 0;
  if (!bpf_probe_read_user(sample, SAMPLE, (void*)address)) return true;
  return bytes < SAMPLE && !bpf_probe_read_user(sample, bytes & (SAMPLE - 1), (void*)address);
}

/* The lowest `bytes` bytes of a word. */
static __always_inline __u64 mask_of(__u64 bytes) { return bytes >= 8 ? ~0ull : (1ull << (bytes * 8)) - 1; }

static __always_inline bool is_unchanged(const struct zc_pending_read* pending, __u64 address) {
  __u64 now[2];
  const __u64 bytes = pending->bytes;
  if (!read_sample(now, address, bytes)) return false;
  if ((now[0] ^ pending->sample[0]) & mask_of(bytes)) return false;
  return bytes <= 8 || !((now[1] ^ pending->sample[1]) & mask_of(bytes - 8));
}

static __always_inline void take_sample(struct zc_pending_read* pending, __u64 address) {
  read_sample(pending->sample, address, pending->bytes);
}

static __always_inline struct zc_pending_read* buffer_at(__u64 address) {
  struct zc_buffer_key key = {.address = address, .tgid = current_tgid()};
  struct zc_pending_read* pending = bpf_map_lookup_elem(&buffers, &key);
  return pending && pending->bytes && is_unchanged(pending, address) ? pending : 0;
}

/* The file that is mapped there, unless the memory is the program's own: a private copy, or shared between processes.
 */
struct mapped_file {
  struct zc_place place;
  __u64 end;
  bool found;
};

static __always_inline void look_at_mapping(struct vm_area_struct* area, struct mapped_file* mapped) {
  unsigned long flags = BPF_CORE_READ(area, vm_flags);
  struct file* file = BPF_CORE_READ(area, vm_file);
  if (!file || ((flags & VM_WRITE) && !(flags & VM_SHARED))) return;
  if (BPF_CORE_READ(file, f_inode, i_sb, s_flags) & SB_KERNMOUNT) return; /* shared memory without a name */
  mapped->place = place_of_file(file);
  mapped->end = BPF_CORE_READ(area, vm_end);
  mapped->found = mapped->place.kind == ZC_AT_FILE;
}

static long on_area(struct task_struct* task, struct vm_area_struct* area, struct mapped_file* mapped) {
  look_at_mapping(area, mapped);
  return 0;
}

/* Before 6.1 (524e00b36e8c) the areas are in a red-black tree. Later ones have bpf_find_vma; with that switched off, no
 * mapping is found. */
static __always_inline void walk_areas(struct task_struct* task, __u64 address, struct mapped_file* mapped) {
  struct mm_struct* mm = BPF_CORE_READ(task, mm);
  if (!bpf_core_field_exists(mm->mm_rb)) return;
  struct rb_node* node = BPF_CORE_READ(mm, mm_rb.rb_node);
  for (int i = 0; i < 24 && node; i++) {
    struct vm_area_struct* area = (void*)node - bpf_core_field_offset(struct vm_area_struct, vm_rb);
    if (address < BPF_CORE_READ(area, vm_start)) {
      node = BPF_CORE_READ(node, rb_left);
    } else if (address >= BPF_CORE_READ(area, vm_end)) {
      node = BPF_CORE_READ(node, rb_right);
    } else {
      look_at_mapping(area, mapped);
      return;
    }
  }
}

/* `by_tree`: a program that calls bpf_find_vma does not load before 5.17 (7c7e3d31e785), whether the call is reached or
 * not, so there are two of each program. */
static __always_inline void find_mapped(__u64 address, bool by_tree, struct mapped_file* mapped) {
  mapped->found = false;
  if (by_tree)
    walk_areas((struct task_struct*)bpf_get_current_task(), address, mapped);
  else
    bpf_find_vma((void*)bpf_get_current_task_btf(), address, on_area, mapped, 0);
}

/* Keeps what was read as pending, by its address. Not inlined: the verifier then checks it once. */
__noinline int attribute_read_segment(__u32 index) {
  struct call* call = current_call();
  if (!call || index >= call->segment_count || index >= SEGMENTS || !call->remaining) return 0;
  struct segment* segment = &call->segments[index & (SEGMENTS - 1)];
  __u64 part = segment->bytes < call->remaining ? segment->bytes : call->remaining;
  call->remaining -= part;
  if (!part) return 1;
  struct zc_buffer_key key = {.address = segment->address, .tgid = current_tgid()};
  struct zc_pending_read* before = bpf_map_lookup_elem(&buffers, &key);
  if (before && !before->attributed) account_unlinked(call, before, 0);
  struct zc_pending_read* pending = before ? before : &call->pending;
  __builtin_memset(&call->share, 0, sizeof call->share);
  add_share(call, part, index == 0);
  pending->from = call->flow.from;
  pending->bytes = part;
  pending->t = bpf_ktime_get_ns();
  pending->cost = call->share;
  pending->attributed = 0;
  pending->tgid = key.tgid;
  pending->method = call->direct ? ZC_DIRECT_IO : ZC_ONLY_READ;
  take_sample(pending, segment->address);
  if (!before && bpf_map_update_elem(&buffers, &key, pending, BPF_ANY)) account_unlinked(call, pending, 0);
  return 1;
}

static __always_inline void attribute_read(struct call* call) {
  for (__u32 i = 0; i < SEGMENTS; i++)
    if (!attribute_read_segment(i)) break;
}

/* Cost follows bytes: of what is pending, the share of those that stay. The calls go with the first. */
static __always_inline void split_cost(struct zc_cost* first, struct zc_cost* rest, __u64 part, __u64 all) {
  if (!all) return;
  rest->cpu_bytes = first->cpu_bytes == all ? part : first->cpu_bytes * part / all;
  rest->reference_bytes = first->reference_bytes == all ? part : first->reference_bytes * part / all;
  rest->disk_bytes = first->disk_bytes * part / all;
  rest->unexplained_bytes = first->unexplained_bytes * part / all;
  if (first->unexplained_bytes && !rest->unexplained_bytes) rest->unexplained_bytes = 1;
  rest->why = first->why;
  first->cpu_bytes -= rest->cpu_bytes;
  first->reference_bytes -= rest->reference_bytes;
  first->disk_bytes -= rest->disk_bytes;
  if (first->unexplained_bytes > rest->unexplained_bytes) first->unexplained_bytes -= rest->unexplained_bytes;
}

/* Takes the first bytes of a pending read, 1 to `part` of them. Their cost so far is added to call->share. */
static __always_inline __u64 take_from_buffer(struct call* call, struct zc_pending_read* pending, __u64 address,
                                              __u64 part) {
  __u64 taken = pending->bytes < part ? pending->bytes : part;
  bool direct = pending->method == ZC_DIRECT_IO || call->direct;
  call->key.from = pending->from;
  call->key.method = call->zerocopy ? ZC_MSG_ZEROCOPY : direct ? ZC_DIRECT_IO : ZC_READ_WRITE;
  call->key.link = ZC_BY_BUFFER;
  if (taken < pending->bytes) { /* the rest stays pending, at a higher address */
    struct zc_buffer_key further = {.address = address + taken, .tgid = current_tgid()};
    struct zc_pending_read* left = &call->pending;
    __builtin_memset(left, 0, sizeof *left);
    left->from = pending->from;
    left->bytes = pending->bytes - taken;
    left->t = bpf_ktime_get_ns();
    left->tgid = further.tgid;
    left->attributed = pending->attributed;
    left->method = pending->method;
    if (!pending->attributed) split_cost(&pending->cost, &left->cost, left->bytes, pending->bytes);
    take_sample(left, further.address);
    bpf_map_update_elem(&buffers, &further, left, BPF_ANY);
    pending->bytes = taken;
  }
  if (!pending->attributed) add_cost(&call->share, &pending->cost);
  pending->attributed = 1; /* the same bytes may be written again, to elsewhere */
  pending->t = bpf_ktime_get_ns();
  return taken;
}

/* Attributes one piece of what is written: as much of it as has one origin. */
static __always_inline int attribute_write_piece(struct call* call, bool by_tree) {
  if (!call->remaining) return 0;
  if (!call->piece.bytes) {
    if (call->at >= call->segment_count || call->at >= SEGMENTS) return 0;
    call->piece = call->segments[call->at & (SEGMENTS - 1)];
    call->at++;
    return 1;
  }
  __u64 address = call->piece.address, part = call->piece.bytes < call->remaining ? call->piece.bytes : call->remaining;
  struct zc_flow_key* key = &call->key;
  key->to = call->flow.to;
  __builtin_memset(&call->share, 0, sizeof call->share);
  struct zc_pending_read* pending = buffer_at(address);
  if (pending) {
    part = take_from_buffer(call, pending, address, part);
  } else {
    struct mapped_file mapped = {};
    find_mapped(address, by_tree, &mapped);
    key->from = mapped.place;
    if (mapped.found) {
      if (mapped.end - address < part) part = mapped.end - address;
      key->link = ZC_BY_MAPPING;
    } else {
      key->from.ino = key->from.dev = 0;
      key->from.kind = ZC_AT_MEMORY;
      key->link = ZC_UNLINKED;
    }
    key->method = call->nr == NR_VMSPLICE ? ZC_VMSPLICE
                  : call->zerocopy        ? ZC_MSG_ZEROCOPY
                  : call->direct          ? ZC_DIRECT_IO
                  : mapped.found          ? ZC_MMAP_WRITE
                                          : ZC_ONLY_WRITE;
  }
  bool has_call = call->has_call && call->at == call->main_segment + 1; /* one call is one, however many pieces */
  if (has_call) call->has_call = 0;
  add_share(call, part, has_call);
  account_part(call, key, part, &call->share);
  call->piece.address += part;
  call->piece.bytes -= part;
  call->remaining -= part;
  return 1;
}

/* Not inlined: the verifier then checks them once. */
__noinline int attribute_next_piece(__u32 step) {
  struct call* call = current_call();
  return call && step < STEPS ? attribute_write_piece(call, false) : 0;
}
__noinline int attribute_next_piece_by_tree(__u32 step) {
  struct call* call = current_call();
  return call && step < STEPS ? attribute_write_piece(call, true) : 0;
}

static __always_inline void attribute_write(struct call* call, bool by_tree) {
  for (__u32 i = 0; i < STEPS; i++)
    if (!(by_tree ? attribute_next_piece_by_tree(i) : attribute_next_piece(i))) break;
  if (!call->remaining) return;
  struct zc_flow_key* key = &call->key;
  key->to = call->flow.to;
  key->from.ino = key->from.dev = 0;
  key->from.kind = ZC_AT_MEMORY;
  key->method = ZC_ONLY_WRITE;
  key->link = ZC_UNLINKED;
  __builtin_memset(&call->share, 0, sizeof call->share);
  add_share(call, call->remaining, call->has_call);
  account_part(call, key, call->remaining, &call->share);
}

/* Into a pipe by splice or tee: pending until the same program splices it out. */
static __always_inline void attribute_into_pipe(struct call* call) {
  struct zc_flow_key* key = &call->key;
  struct zc_pending_read* before = bpf_map_lookup_elem(&pipes, &key->to);
  struct zc_pending_read* now = &call->pending;
  __builtin_memset(now, 0, sizeof *now);
  now->from = key->from;
  now->bytes = call->all_bytes;
  now->t = bpf_ktime_get_ns();
  now->cost = call->cost;
  now->tgid = current_tgid();
  now->method = key->method;
  if (before && before->bytes) {
    bool same = before->from.ino == now->from.ino && before->from.dev == now->from.dev &&
                before->method == now->method && before->tgid == now->tgid;
    if (same && before->bytes + now->bytes <= PIPE_AT_MOST) {
      now->bytes += before->bytes;
      add_cost(&now->cost, &before->cost);
    } else {
      account_unlinked(call, before, &key->to);
    }
  }
  if (bpf_map_update_elem(&pipes, &key->to, now, BPF_ANY)) account_unlinked(call, now, &key->to);
}

static __always_inline void attribute_out_of_pipe(struct call* call) {
  struct zc_flow_key* key = &call->key;
  __u64 linked = 0;
  struct zc_pending_read* pending = bpf_map_lookup_elem(&pipes, &key->from);
  call->share = call->cost;
  if (pending && pending->bytes && pending->tgid == current_tgid()) {
    linked = pending->bytes < call->all_bytes ? pending->bytes : call->all_bytes;
    add_cost(&call->share, &pending->cost);
    __builtin_memset(&pending->cost, 0, sizeof pending->cost);
    pending->bytes -= linked;
    pending->t = bpf_ktime_get_ns();
    call->unlinked.from = pending->from;
    call->unlinked.to = key->to;
    call->unlinked.method = pending->method;
    call->unlinked.link = ZC_BY_PIPE;
    account_part(call, &call->unlinked, linked, &call->share);
    if (linked == call->all_bytes) return;
    __builtin_memset(&call->share, 0, sizeof call->share);
  }
  account_part(call, key, call->all_bytes - linked, &call->share);
}

static __always_inline void attribute_transfer(struct call* call) {
  struct zc_flow_key* key = &call->key;
  *key = call->flow;
  bool from_pipe = key->from.kind == ZC_AT_PIPE, to_pipe = key->to.kind == ZC_AT_PIPE;
  if (call->nr == NR_TEE || (call->nr == NR_SPLICE && to_pipe && !from_pipe)) {
    if (call->nr == NR_TEE) { /* what is in the one pipe is now in the other too */
      struct zc_pending_read* pending = bpf_map_lookup_elem(&pipes, &key->from);
      if (pending && pending->bytes >= call->all_bytes && pending->tgid == current_tgid()) key->from = pending->from;
    }
    attribute_into_pipe(call);
  } else if (call->nr == NR_SPLICE && from_pipe && !to_pipe) {
    attribute_out_of_pipe(call);
  } else {
    account_part(call, key, call->all_bytes, &call->cost);
  }
}

/* O_DIRECT is a wish: ext4 with data=journal, btrfs with checksums and others go through the page cache all the same.
 * The copies tell, and that no device took the program's memory. */
static __always_inline void see_through_direct(struct call* call, __u64 bytes) {
  if (!call->direct || call->direct_bytes || call->cost.cpu_bytes < bytes) return;
  call->direct = 0;
  if (call->flow.method == ZC_DIRECT_IO) call->flow.method = ZC_ONLY_READ;
}

static __always_inline void attribute_call(struct call* call, long result, bool by_tree) {
  call->cost.calls = call->has_call = 1;
  call->all_bytes = call->remaining = result > 0 ? result : 0;
  if (call->direction && result > 0) {
    see_through_direct(call, result);
    apply_conservation(call, result);
  }
  if (call->direction == DIRECTION_NONE) {
    if (call->flow.method == ZC_DIRECT_IO)
      account_part(call, &call->flow, 0, &call->cost); /* it submitted such a request */
  } else if (call->peek) {
    account_part(call, &call->flow, 0, &call->cost); /* the read that takes them moves them */
  } else if (result <= 0) {
    /* A call that would have waited belongs to its flow too; a read that found nothing to none. */
    if (call->direction != DIRECTION_IN || call->cost.cpu_bytes) account_part(call, &call->flow, 0, &call->cost);
  } else if (call->direction == DIRECTION_IN) {
    attribute_read(call);
  } else if (call->direction == DIRECTION_OUT) {
    attribute_write(call, by_tree);
  } else if (call->direction == DIRECTION_THROUGH) {
    attribute_transfer(call);
  }
}
