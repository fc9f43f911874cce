/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* From calls to flows: which bytes that went out are those that came in. */
#pragma once

#define SAMPLE 16
#define STEPS 12              /* pieces that one call is told apart into */
#define PIPE_AT_MOST (1 << 20) /* what a pipe holds, unless root said otherwise */

static __always_inline void add_cost(struct zc_cost* to, const struct zc_cost* more) {
  to->calls += more->calls;
  to->cpu_bytes += more->cpu_bytes;
  to->reference_bytes += more->reference_bytes;
  to->disk_bytes += more->disk_bytes;
}

static __always_inline __u32 current_tgid(void) { return bpf_get_current_pid_tgid() >> 32; }

/* The share of a call that moved `all` bytes which `part` of them cost. */
static __always_inline struct zc_cost share(const struct zc_cost* cost, __u64 part, __u64 all, bool has_call) {
  struct zc_cost mine = {.calls = has_call ? cost->calls : 0};
  if (!all) all = 1;
  mine.cpu_bytes = cost->cpu_bytes == all ? part : cost->cpu_bytes * part / all;
  mine.reference_bytes = cost->reference_bytes == all ? part : cost->reference_bytes * part / all;
  mine.disk_bytes = cost->disk_bytes * part / all;
  return mine;
}

static __always_inline void credit_one(struct zc_flow_key* key, __u64 bytes, const struct zc_cost* cost) {
  struct zc_flow more = {.bytes = bytes, .cost = *cost, .last = bpf_ktime_get_ns()};
  credit(key, &more);
}

/* It went no further than where it is: memory, or the pipe. */
static __always_inline void credit_unlinked(const struct zc_brought* brought, const struct zc_place* to) {
  struct zc_flow_key key = {.from = brought->from,
                            .to = *to,
                            .method = brought->method,
                            .link = to->kind == ZC_AT_MEMORY ? ZC_UNLINKED : ZC_BY_CALL};
  credit_one(&key, brought->bytes, &brought->cost);
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

/* The file that is mapped there, unless it is a private copy of the program's own. */
struct mapped_file {
  struct zc_place place;
  __u64 end;
  bool found;
};

static __always_inline void look_at_mapping(struct vm_area_struct* area, struct mapped_file* mapped) {
  unsigned long flags = BPF_CORE_READ(area, vm_flags);
  struct file* file = BPF_CORE_READ(area, vm_file);
  if (!file || ((flags & VM_WRITE) && !(flags & VM_SHARED))) return;
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

/* What came in rests where the program put it. */
static __always_inline void settle_in(struct call* call, __u64 bytes) {
  struct zc_place memory = {.kind = ZC_AT_MEMORY};
  __u64 rest = bytes;
  for (__u32 i = 0; i < SEGMENTS; i++) {
    if (!rest || i >= call->segment_count) break;
    struct segment* segment = &call->segments[i & (SEGMENTS - 1)];
    __u64 part = segment->bytes < rest ? segment->bytes : rest;
    rest -= part;
    if (!part) continue;
    struct zc_buffer_key key = {.address = segment->address, .tgid = current_tgid()};
    struct zc_brought brought = {.from = call->flow.from,
                                 .bytes = part,
                                 .t = bpf_ktime_get_ns(),
                                 .tgid = key.tgid,
                                 .method = call->direct ? ZC_DIRECT_IO : ZC_ONLY_READ};
    brought.cost = share(&call->cost, part, bytes, i == 0);
    take_sample(&brought, segment->address);
    struct zc_brought* before = bpf_map_lookup_elem(&buffers, &key);
    if (before && !before->settled) credit_unlinked(before, &memory);
    if (bpf_map_update_elem(&buffers, &key, &brought, BPF_ANY)) credit_unlinked(&brought, &memory);
  }
}

/* Bytes that go out of a buffer: its first ones, at least 1 of at most `part`. */
static __always_inline __u64 take_from_buffer(struct call* call, struct zc_brought* brought, __u64 address, __u64 part,
                                              struct zc_flow_key* key, struct zc_cost* cost) {
  __u64 taken = brought->bytes < part ? brought->bytes : part;
  bool direct = brought->method == ZC_DIRECT_IO || call->direct;
  key->from = brought->from;
  key->method = call->zerocopy ? ZC_MSG_ZEROCOPY : direct ? ZC_DIRECT_IO : ZC_READ_WRITE;
  key->link = ZC_BY_BUFFER;
  if (!brought->settled) add_cost(cost, &brought->cost);
  if (taken < brought->bytes) { /* what is left lies further on */
    struct zc_buffer_key further = {.address = address + taken, .tgid = current_tgid()};
    struct zc_brought left = {.from = brought->from,
                              .bytes = brought->bytes - taken,
                              .t = bpf_ktime_get_ns(),
                              .tgid = further.tgid,
                              .settled = brought->settled,
                              .method = brought->method};
    take_sample(&left, further.address);
    bpf_map_update_elem(&buffers, &further, &left, BPF_ANY);
    brought->bytes = taken;
  }
  brought->settled = 1; /* it may go on once more, to somewhere else */
  brought->t = bpf_ktime_get_ns();
  return taken;
}

static __always_inline void settle_out(struct call* call, __u64 bytes, bool by_tree) {
  __u64 rest = bytes, address = call->segments[0].address, left = call->segments[0].bytes;
  __u32 at = 0;
  for (int i = 0; i < STEPS && rest; i++) {
    if (!left) {
      if (++at >= call->segment_count || at >= SEGMENTS) break;
      address = call->segments[at & (SEGMENTS - 1)].address;
      left = call->segments[at & (SEGMENTS - 1)].bytes;
      continue;
    }
    __u64 part = left < rest ? left : rest;
    struct zc_flow_key key = {.to = call->flow.to};
    struct zc_cost cost = {};
    struct zc_brought* brought = buffer_at(address);
    if (brought) {
      part = take_from_buffer(call, brought, address, part, &key, &cost);
    } else {
      struct mapped_file mapped = {};
      find_mapped(address, by_tree, &mapped);
      if (mapped.found) {
        if (mapped.end - address < part) part = mapped.end - address;
        key.from = mapped.place;
        key.method = call->zerocopy ? ZC_MSG_ZEROCOPY : call->direct ? ZC_DIRECT_IO : ZC_MMAP_WRITE;
        key.link = ZC_BY_MAPPING;
      } else {
        key.from.kind = ZC_AT_MEMORY;
        key.method = call->nr == NR_VMSPLICE ? ZC_VMSPLICE
                     : call->zerocopy        ? ZC_MSG_ZEROCOPY
                     : call->direct          ? ZC_DIRECT_IO
                                             : ZC_ONLY_WRITE;
        key.link = ZC_UNLINKED;
      }
    }
    struct zc_cost mine = share(&call->cost, part, bytes, at == call->main_segment);
    if (mine.calls) call->main_segment = SEGMENTS; /* one call is one, however many pieces it takes */
    add_cost(&cost, &mine);
    credit_one(&key, part, &cost);
    address += part;
    left -= part;
    rest -= part;
  }
  if (rest) {
    struct zc_flow_key key = {.to = call->flow.to, .method = ZC_ONLY_WRITE, .link = ZC_UNLINKED};
    key.from.kind = ZC_AT_MEMORY;
    struct zc_cost mine = share(&call->cost, rest, bytes, call->main_segment != SEGMENTS);
    credit_one(&key, rest, &mine);
  }
}

/* Into a pipe by splice or tee: it may go on from there by the same program. */
static __always_inline void settle_into_pipe(struct call* call, const struct zc_flow_key* way, __u64 bytes) {
  struct zc_place pipe = way->to;
  struct zc_brought* before = bpf_map_lookup_elem(&pipes, &pipe);
  struct zc_brought now = {.from = way->from,
                           .bytes = bytes,
                           .t = bpf_ktime_get_ns(),
                           .cost = call->cost,
                           .tgid = current_tgid(),
                           .method = way->method};
  if (before && before->bytes) {
    bool same = before->from.ino == now.from.ino && before->from.dev == now.from.dev &&
                before->method == now.method && before->tgid == now.tgid;
    if (same && before->bytes + bytes <= PIPE_AT_MOST) {
      now.bytes += before->bytes;
      add_cost(&now.cost, &before->cost);
    } else {
      credit_unlinked(before, &way->to);
    }
  }
  if (bpf_map_update_elem(&pipes, &pipe, &now, BPF_ANY)) credit_unlinked(&now, &way->to);
}

static __always_inline void settle_out_of_pipe(struct call* call, struct zc_flow_key* key, __u64 bytes) {
  struct zc_place pipe = key->from;
  struct zc_cost cost = call->cost;
  struct zc_brought* brought = bpf_map_lookup_elem(&pipes, &pipe);
  __u64 linked = 0;
  if (brought && brought->bytes && brought->tgid == current_tgid()) {
    linked = brought->bytes < bytes ? brought->bytes : bytes;
    struct zc_flow_key whole = {.from = brought->from, .to = key->to, .method = brought->method, .link = ZC_BY_PIPE};
    add_cost(&cost, &brought->cost);
    __builtin_memset(&brought->cost, 0, sizeof brought->cost);
    brought->bytes -= linked;
    brought->t = bpf_ktime_get_ns();
    credit_one(&whole, linked, &cost);
    if (linked == bytes) return;
    __builtin_memset(&cost, 0, sizeof cost);
  }
  credit_one(key, bytes - linked, &cost);
}

static __always_inline void settle_through(struct call* call, __u64 bytes) {
  struct zc_flow_key key = call->flow;
  bool from_pipe = key.from.kind == ZC_AT_PIPE, to_pipe = key.to.kind == ZC_AT_PIPE;
  if (call->nr == NR_TEE || (call->nr == NR_SPLICE && to_pipe && !from_pipe)) {
    if (call->nr == NR_TEE) { /* what is in the one pipe is now in the other too */
      struct zc_place pipe = key.from;
      struct zc_brought* brought = bpf_map_lookup_elem(&pipes, &pipe);
      if (brought && brought->bytes >= bytes && brought->tgid == current_tgid()) key.from = brought->from;
    }
    settle_into_pipe(call, &key, bytes);
  } else if (call->nr == NR_SPLICE && from_pipe && !to_pipe) {
    settle_out_of_pipe(call, &key, bytes);
  } else {
    credit_one(&key, bytes, &call->cost);
  }
}

static __always_inline void settle(struct call* call, long result, bool by_tree) {
  call->cost.calls = 1;
  if (call->way == WAY_NONE) {
    if (call->flow.method == ZC_DIRECT_IO) credit_one(&call->flow, 0, &call->cost); /* it submitted such a request */
  } else if (result <= 0) {
    /* A call that would have waited belongs to its flow too; a read that found nothing to none. */
    if (call->way != WAY_IN || call->cost.cpu_bytes) credit_one(&call->flow, 0, &call->cost);
  } else if (call->way == WAY_IN) {
    settle_in(call, result);
  } else if (call->way == WAY_OUT) {
    settle_out(call, result, by_tree);
  } else if (call->way == WAY_THROUGH) {
    settle_through(call, result);
  }
}
