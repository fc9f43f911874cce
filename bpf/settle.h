/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* From calls to flows: which bytes that went out are those that came in. */
#pragma once

#define SAMPLE 16
#define STEPS 24               /* pieces that one call is told apart into, and the segments they lie in */
#define PIPE_AT_MOST (1 << 20) /* what a pipe holds, unless root said otherwise */

static __always_inline void add_cost(struct zc_cost* to, const struct zc_cost* more) {
  to->calls += more->calls;
  to->cpu_bytes += more->cpu_bytes;
  to->reference_bytes += more->reference_bytes;
  to->disk_bytes += more->disk_bytes;
}

static __always_inline __u32 current_tgid(void) { return bpf_get_current_pid_tgid() >> 32; }

/* What is put together here lies in the call: a program's stack is too small for it. */

/* The share of a call's cost that `part` of its bytes have, added to call->share. */
static __always_inline void add_share(struct call* call, __u64 part, bool has_call) {
  const struct zc_cost* cost = &call->cost;
  __u64 all = call->all_bytes ? call->all_bytes : 1;
  if (has_call) call->share.calls += cost->calls;
  call->share.cpu_bytes += cost->cpu_bytes == all ? part : cost->cpu_bytes * part / all;
  call->share.reference_bytes += cost->reference_bytes == all ? part : cost->reference_bytes * part / all;
  call->share.disk_bytes += cost->disk_bytes * part / all;
}

static __always_inline void credit_one(struct call* call, struct zc_flow_key* key, __u64 bytes,
                                       const struct zc_cost* cost) {
  call->more.bytes = bytes;
  call->more.cost = *cost;
  call->more.sent_bytes = call->more.sent_linear = call->more.sent_dma = 0;
  call->more.last = bpf_ktime_get_ns();
  credit(key, &call->more);
}

/* It went no further than where it is: memory, or the pipe. */
static __always_inline void credit_unlinked(struct call* call, const struct zc_brought* brought,
                                            const struct zc_place* pipe) {
  call->unlinked.from = brought->from;
  call->unlinked.method = brought->method;
  call->unlinked.link = pipe ? ZC_BY_CALL : ZC_UNLINKED;
  call->unlinked.to.ino = pipe ? pipe->ino : 0;
  call->unlinked.to.dev = pipe ? pipe->dev : 0;
  call->unlinked.to.kind = pipe ? pipe->kind : ZC_AT_MEMORY;
  credit_one(call, &call->unlinked, brought->bytes, &brought->cost);
}

static __always_inline bool is_unchanged(const struct zc_brought* brought, __u64 address) {
  __u64 now[2] = {};
  if (brought->bytes < 8) return true;
  bool both = brought->bytes >= SAMPLE;
  if (bpf_probe_read_user(now, sizeof now, (void*)address) && bpf_probe_read_user(now, 8, (void*)address)) return false;
  return now[0] == brought->sample[0] && (!both || now[1] == brought->sample[1]);
}

static __always_inline void take_sample(struct zc_brought* brought, __u64 address) {
  if (bpf_probe_read_user(brought->sample, sizeof brought->sample, (void*)address))
    bpf_probe_read_user(brought->sample, 8, (void*)address);
}

static __always_inline struct zc_brought* buffer_at(__u64 address) {
  struct zc_buffer_key key = {.address = address, .tgid = current_tgid()};
  struct zc_brought* brought = bpf_map_lookup_elem(&buffers, &key);
  return brought && brought->bytes && is_unchanged(brought, address) ? brought : 0;
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

/* Before 6.1 areas hang in a tree. */
static __always_inline void walk_areas(struct task_struct* task, __u64 address, struct mapped_file* mapped) {
  struct rb_node* node = BPF_CORE_READ(task, mm, mm_rb.rb_node);
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

/* `by_tree`: a program that names bpf_find_vma does not load before 5.13. */
static __always_inline void find_mapped(__u64 address, bool by_tree, struct mapped_file* mapped) {
  mapped->found = false;
  if (by_tree)
    walk_areas((struct task_struct*)bpf_get_current_task(), address, mapped);
  else
    bpf_find_vma((void*)bpf_get_current_task_btf(), address, on_area, mapped, 0);
}

/* What came in rests where the program put it. A function of its own, which the verifier looks at once. */
__noinline int settle_in_piece(__u32 index) {
  struct call* call = current_call();
  if (!call || index >= call->segment_count || index >= SEGMENTS || !call->unsettled) return 0;
  struct segment* segment = &call->segments[index & (SEGMENTS - 1)];
  __u64 part = segment->bytes < call->unsettled ? segment->bytes : call->unsettled;
  call->unsettled -= part;
  if (!part) return 1;
  struct zc_buffer_key key = {.address = segment->address, .tgid = current_tgid()};
  struct zc_brought* before = bpf_map_lookup_elem(&buffers, &key);
  if (before && !before->settled) credit_unlinked(call, before, 0);
  struct zc_brought* brought = before ? before : &call->brought;
  __builtin_memset(&call->share, 0, sizeof call->share);
  add_share(call, part, index == 0);
  brought->from = call->flow.from;
  brought->bytes = part;
  brought->t = bpf_ktime_get_ns();
  brought->cost = call->share;
  brought->settled = 0;
  brought->tgid = key.tgid;
  brought->method = call->direct ? ZC_DIRECT_IO : ZC_ONLY_READ;
  take_sample(brought, segment->address);
  if (!before && bpf_map_update_elem(&buffers, &key, brought, BPF_ANY)) credit_unlinked(call, brought, 0);
  return 1;
}

static __always_inline void settle_in(struct call* call) {
  for (__u32 i = 0; i < SEGMENTS; i++)
    if (!settle_in_piece(i)) break;
}

/* Bytes that go out of a buffer: its first ones, at least 1 of at most `part`. Their cost so far goes to call->share.
 */
static __always_inline __u64 take_from_buffer(struct call* call, struct zc_brought* brought, __u64 address,
                                              __u64 part) {
  __u64 taken = brought->bytes < part ? brought->bytes : part;
  bool direct = brought->method == ZC_DIRECT_IO || call->direct;
  call->key.from = brought->from;
  call->key.method = call->zerocopy ? ZC_MSG_ZEROCOPY : direct ? ZC_DIRECT_IO : ZC_READ_WRITE;
  call->key.link = ZC_BY_BUFFER;
  if (!brought->settled) add_cost(&call->share, &brought->cost);
  if (taken < brought->bytes) { /* what is left lies further on */
    struct zc_buffer_key further = {.address = address + taken, .tgid = current_tgid()};
    struct zc_brought* left = &call->brought;
    __builtin_memset(left, 0, sizeof *left);
    left->from = brought->from;
    left->bytes = brought->bytes - taken;
    left->t = bpf_ktime_get_ns();
    left->tgid = further.tgid;
    left->settled = brought->settled;
    left->method = brought->method;
    take_sample(left, further.address);
    bpf_map_update_elem(&buffers, &further, left, BPF_ANY);
    brought->bytes = taken;
  }
  brought->settled = 1; /* it may go on once more, to somewhere else */
  brought->t = bpf_ktime_get_ns();
  return taken;
}

/* One piece of what goes out: as much as has one origin. */
static __always_inline int settle_out_piece(struct call* call, bool by_tree) {
  if (!call->unsettled) return 0;
  if (!call->piece.bytes) {
    if (call->at >= call->segment_count || call->at >= SEGMENTS) return 0;
    call->piece = call->segments[call->at & (SEGMENTS - 1)];
    call->at++;
    return 1;
  }
  __u64 address = call->piece.address, part = call->piece.bytes < call->unsettled ? call->piece.bytes : call->unsettled;
  struct zc_flow_key* key = &call->key;
  key->to = call->flow.to;
  __builtin_memset(&call->share, 0, sizeof call->share);
  struct zc_brought* brought = buffer_at(address);
  if (brought) {
    part = take_from_buffer(call, brought, address, part);
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
  credit_one(call, key, part, &call->share);
  call->piece.address += part;
  call->piece.bytes -= part;
  call->unsettled -= part;
  return 1;
}

/* Functions of their own, which the verifier looks at once. */
__noinline int settle_next(__u32 step) {
  struct call* call = current_call();
  return call && step < STEPS ? settle_out_piece(call, false) : 0;
}
__noinline int settle_next_by_tree(__u32 step) {
  struct call* call = current_call();
  return call && step < STEPS ? settle_out_piece(call, true) : 0;
}

static __always_inline void settle_out(struct call* call, bool by_tree) {
  for (__u32 i = 0; i < STEPS; i++)
    if (!(by_tree ? settle_next_by_tree(i) : settle_next(i))) break;
  if (!call->unsettled) return;
  struct zc_flow_key* key = &call->key;
  key->to = call->flow.to;
  key->from.ino = key->from.dev = 0;
  key->from.kind = ZC_AT_MEMORY;
  key->method = ZC_ONLY_WRITE;
  key->link = ZC_UNLINKED;
  __builtin_memset(&call->share, 0, sizeof call->share);
  add_share(call, call->unsettled, call->has_call);
  credit_one(call, key, call->unsettled, &call->share);
}

/* Into a pipe by splice or tee: it may go on from there by the same program. */
static __always_inline void settle_into_pipe(struct call* call) {
  struct zc_flow_key* way = &call->key;
  struct zc_brought* before = bpf_map_lookup_elem(&pipes, &way->to);
  struct zc_brought* now = &call->brought;
  __builtin_memset(now, 0, sizeof *now);
  now->from = way->from;
  now->bytes = call->all_bytes;
  now->t = bpf_ktime_get_ns();
  now->cost = call->cost;
  now->tgid = current_tgid();
  now->method = way->method;
  if (before && before->bytes) {
    bool same = before->from.ino == now->from.ino && before->from.dev == now->from.dev &&
                before->method == now->method && before->tgid == now->tgid;
    if (same && before->bytes + now->bytes <= PIPE_AT_MOST) {
      now->bytes += before->bytes;
      add_cost(&now->cost, &before->cost);
    } else {
      credit_unlinked(call, before, &way->to);
    }
  }
  if (bpf_map_update_elem(&pipes, &way->to, now, BPF_ANY)) credit_unlinked(call, now, &way->to);
}

static __always_inline void settle_out_of_pipe(struct call* call) {
  struct zc_flow_key* key = &call->key;
  __u64 linked = 0;
  struct zc_brought* brought = bpf_map_lookup_elem(&pipes, &key->from);
  call->share = call->cost;
  if (brought && brought->bytes && brought->tgid == current_tgid()) {
    linked = brought->bytes < call->all_bytes ? brought->bytes : call->all_bytes;
    add_cost(&call->share, &brought->cost);
    __builtin_memset(&brought->cost, 0, sizeof brought->cost);
    brought->bytes -= linked;
    brought->t = bpf_ktime_get_ns();
    call->unlinked.from = brought->from;
    call->unlinked.to = key->to;
    call->unlinked.method = brought->method;
    call->unlinked.link = ZC_BY_PIPE;
    credit_one(call, &call->unlinked, linked, &call->share);
    if (linked == call->all_bytes) return;
    __builtin_memset(&call->share, 0, sizeof call->share);
  }
  credit_one(call, key, call->all_bytes - linked, &call->share);
}

static __always_inline void settle_through(struct call* call) {
  struct zc_flow_key* key = &call->key;
  *key = call->flow;
  bool from_pipe = key->from.kind == ZC_AT_PIPE, to_pipe = key->to.kind == ZC_AT_PIPE;
  if (call->nr == NR_TEE || (call->nr == NR_SPLICE && to_pipe && !from_pipe)) {
    if (call->nr == NR_TEE) { /* what is in the one pipe is now in the other too */
      struct zc_brought* brought = bpf_map_lookup_elem(&pipes, &key->from);
      if (brought && brought->bytes >= call->all_bytes && brought->tgid == current_tgid()) key->from = brought->from;
    }
    settle_into_pipe(call);
  } else if (call->nr == NR_SPLICE && from_pipe && !to_pipe) {
    settle_out_of_pipe(call);
  } else {
    credit_one(call, key, call->all_bytes, &call->cost);
  }
}

static __always_inline void settle(struct call* call, long result, bool by_tree) {
  call->cost.calls = call->has_call = 1;
  call->all_bytes = call->unsettled = result > 0 ? result : 0;
  if (call->way == WAY_NONE) {
    if (call->flow.method == ZC_DIRECT_IO)
      credit_one(call, &call->flow, 0, &call->cost); /* it submitted such a request */
  } else if (result <= 0) {
    /* A call that would have waited belongs to its flow too; a read that found nothing to none. */
    if (call->way != WAY_IN || call->cost.cpu_bytes) credit_one(call, &call->flow, 0, &call->cost);
  } else if (call->way == WAY_IN) {
    settle_in(call);
  } else if (call->way == WAY_OUT) {
    settle_out(call, by_tree);
  } else if (call->way == WAY_THROUGH) {
    settle_through(call);
  }
}
