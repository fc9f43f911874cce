/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Attributes the bytes of finished system calls to flows: which bytes written are bytes read before. */
#pragma once

/* Segments of one call (UIO_MAXIOV: 1024), and the pieces with one origin each that they are cut into, are at most
 * STEPS * STEPS. In steps of steps, because the verifier follows each turn of a loop: 68 instead of 1156. */
#define STEPS 34
#define PIPE_AT_MOST (1 << 20) /* default of fs.pipe-max-size */

/* What went one way only, as far as was seen. */
static __always_inline __u8 only_read(const struct call* call) {
  return call->direct ? ZC_DIRECT_IO : call->is_uring ? ZC_IO_URING : ZC_ONLY_READ;
}
static __always_inline __u8 only_written(const struct call* call) {
  return call->is_uring ? ZC_IO_URING : ZC_ONLY_WRITE;
}

/* By what method they go on. `read_directly`: the range was read so. */
static __always_inline __u8 method_of_write(const struct call* call, enum origin origin, bool read_directly) {
  return call->nr == NR_VMSPLICE             ? ZC_VMSPLICE
         : call->nr == NR_PROCESS_VM_WRITEV  ? ZC_PROCESS_VM
         : call->zerocopy                    ? ZC_MSG_ZEROCOPY
         : call->direct || read_directly     ? ZC_DIRECT_IO
         : origin == FROM_RANGE              ? ZC_READ_WRITE
         : origin == FROM_MAPPING            ? ZC_MMAP_WRITE
                                             : only_written(call);
}

static __always_inline void count_itself(struct call* call, struct zc_cost* cost) {
  if (call->is_request)
    cost->requests++;
  else
    cost->calls++;
}

/* Intermediate results are kept in the call's map entry: a program's stack is too small. */

/* Moves to call->share the part of the call's cost that the next `part` of its bytes account for. */
static __always_inline void add_share(struct call* call, __u64 part, bool has_call) {
  if (has_call) count_itself(call, &call->share);
  __u64 before = call->share.cpu_bytes;
  move_cost(&call->cost, &call->share, part, call->remaining);
  if (keep_stacks && call->share.cpu_bytes != before) move_copiers(OF_CALL, 0, call->share.cpu_bytes - before);
}

/* Whose part of a call account_rest() accounts. */
enum rest {
  WHOLE_CALL,   /* with all that it cost */
  REST_OF_READ, /* by call->flow, with call->share */
  REST_OF_WRITE /* by call->key, with call->share */
};

/* What is not attributed piece by piece. Not inlined: the verifier then checks it once. */
__noinline int account_rest(enum rest rest, __u64 bytes) {
  struct call* call = current_call();
  if (!call) return 0;
  if (rest == REST_OF_WRITE)
    account_part(call, &call->key, bytes, &call->share, 0, BY_THREAD);
  else
    account_part(call, &call->flow, bytes, rest == WHOLE_CALL ? &call->cost : &call->share, 0, BY_THREAD);
  return 0;
}

static __always_inline void account_call_alone(struct call* call, enum rest rest) {
  __builtin_memset(&call->share, 0, sizeof call->share);
  count_itself(call, &call->share);
  account_rest(rest, 0);
}

/* Splits what lies across either end of a range that is about to be filled, so that the rest of it stays known. */
static __always_inline struct zc_pending_read* clear_range(__u64 first, __u64 bytes) {
  struct call* call = current_call();
  if (!call) return 0;
  bool covered = find_range(first);
  if (covered && call->found != first) split_range(first);
  struct zc_pending_read* before = range_from(first);
  if (before && before->bytes == bytes) return before;
  if (find_range(first + bytes) && call->found < first + bytes) split_range(first + bytes);
  return range_from(first);
}

/* Keeps what was read as pending, by its address. Not inlined: the verifier then checks it once. */
__noinline int attribute_read_piece(__u32 step) {
  struct call* call = current_call();
  if (!call || !call->remaining) return 0;
  if (!call->piece.bytes) return next_segment(call);
  __u64 part = bytes_in_piece(call), first = call->piece.address;
  if (!part) return 1;
  struct zc_buffer_key key = {.address = first, .tgid = current_tgid()};
  struct zc_pending_read* before = clear_range(first, part);
  if (before && before->taken < before->bytes) account_unlinked(call, before, 0);
  bool known = before && before->bytes == part;
  struct zc_pending_read* pending = before ? before : &call->pending;
  __builtin_memset(&call->share, 0, sizeof call->share);
  bool has_call = call->has_call && call->at == call->main_segment;
  if (has_call) call->has_call = 0;
  add_share(call, part, has_call);
  pending->from = call->flow.from;
  pending->bytes = part;
  pending->taken = 0;
  pending->t = pending->used = call->now;
  pending->cost = call->share;
  pending->process = call->flow.process;
  pending->method = call->flow.method;
  name_thread(pending->thread);
  take_samples(pending, first);
  if (!before && bpf_map_update_elem(&buffers, &key, pending, BPF_ANY))
    lose_range(call, pending);
  else if (!known)
    index_range(first, part);
  pass_piece(call, part);
  return 1;
}

__noinline int attribute_read_pieces(__u32 step) {
  for (__u32 i = 0; i < STEPS; i++)
    if (!attribute_read_piece(i)) return 0;
  return 1;
}

static __always_inline void attribute_read(struct call* call) {
  for (__u32 i = 0; i < STEPS; i++)
    if (!attribute_read_pieces(i)) break;
  if (call->remaining) { /* to where, could not be read */
    __builtin_memset(&call->share, 0, sizeof call->share);
    add_share(call, call->remaining, false);
    account_rest(REST_OF_READ, call->remaining);
  }
  if (call->has_call) account_call_alone(call, REST_OF_READ); /* it did not come to its largest segment */
}

/* Takes the next bytes, `part` of them at most, of the range call->found. */
static __always_inline __u64 take_from_range(struct call* call, struct zc_pending_read* pending, __u64 address,
                                             __u64 part) {
  __u64 offset = address - call->found;
  bool again = offset < pending->taken;
  __u64 rest = (again ? pending->taken : pending->bytes) - offset;
  if (part > rest) part = rest;
  call->repeated = again;
  if (!again) {
    move_cost(&pending->cost, &call->share, part, pending->bytes - pending->taken);
    if (keep_stacks) move_copiers(OF_RANGE, 0, call->share.cpu_bytes);
    pending->taken += part;
  }
  pending->used = call->now;
  copy_name(call->reader, pending->thread);
  call->key.from = pending->from;
  call->key.link = call->link;
  call->key.method = method_of_write(call, FROM_RANGE, pending->method == ZC_DIRECT_IO);
  return part;
}

/* The range that the address lies in, from there on if nothing before it waits to be written: what is written is what
 * was read. */
static __always_inline struct zc_pending_read* unchanged_range(struct call* call, __u64 address, __u64 bytes) {
  if (!find_range(address)) return 0;
  struct zc_pending_read* pending = range_from(call->found);
  if (!pending) return 0;
  __u64 rest = call->found + pending->bytes - address;
  return compare_samples(address, bytes < rest ? bytes : rest) ? pending : 0;
}

/* What was found at the call's entry of its only segment, which it has written whole: the data was taken in between. */
static __always_inline enum origin predicted_origin(struct call* call, __u64 address) {
  enum origin origin = call->predicted;
  call->predicted = FROM_NOWHERE_YET;
  return address == call->segments[0].address && call->all_bytes == call->segments[0].bytes ? origin : FROM_NOWHERE_YET;
}

static __always_inline struct zc_pending_read* predicted_range(struct call* call) {
  call->found = call->predicted_range;
  call->link = call->predicted_link;
  struct zc_pending_read* pending = range_from(call->found);
  return pending && pending->t == call->predicted_range_t ? pending : 0;
}

/* Bytes that no read is known to have put there: of a mapped file, or the program's own. */
static __always_inline __u64 take_from_memory(struct call* call, __u64 address, __u64 part, bool is_predicted, bool by_tree) {
  struct zc_flow_key* key = &call->key;
  struct mapped_file mapped = {};
  if (is_predicted)
    mapped = call->mapped;
  else
    find_mapped(address, by_tree, &mapped);
  key->from = mapped.place;
  if (mapped.found) {
    if (mapped.end - address < part) part = mapped.end - address;
    key->link = ZC_BY_MAPPING;
    call->share.why = mapped.why;
    if (mapped.why & ZC_WHY_UNEXPLAINED) call->share.unexplained_bytes = part;
  } else {
    __builtin_memset(&key->from, 0, sizeof key->from);
    key->from.kind = ZC_AT_MEMORY;
    key->link = ZC_UNLINKED;
    find_next_range(address, address + part - 1);
    part = call->next_range - address;
  }
  key->method = method_of_write(call, mapped.found ? FROM_MAPPING : FROM_MEMORY, false);
  return part;
}

/* Attributes one piece of what is written: as much of it as has one origin. */
static __always_inline int attribute_write_piece(struct call* call, bool by_tree) {
  if (!call->remaining) return 0;
  if (!call->piece.bytes) return next_segment(call);
  __u64 address = call->piece.address, part = bytes_in_piece(call);
  if (!part) return 1;
  call->key.to = call->flow.to;
  __builtin_memset(&call->share, 0, sizeof call->share);
  call->repeated = 0;
  enum origin origin = predicted_origin(call, address);
  bool is_predicted = origin == FROM_MEMORY || origin == FROM_MAPPING;
  struct zc_pending_read* pending = origin == FROM_RANGE ? predicted_range(call) : 0;
  if (!pending && !is_predicted) pending = unchanged_range(call, address, part);
  if (pending && address - call->found > pending->taken) {
    __u8 link = call->link;
    split_range(address);
    call->found = address;
    call->link = link;
    pending = range_from(address);
  }
  if (pending)
    part = take_from_range(call, pending, address, part);
  else
    part = take_from_memory(call, address, part, is_predicted, by_tree);
  bool has_call = call->has_call && call->at == call->main_segment; /* one call is one, however many pieces */
  if (has_call) call->has_call = 0;
  add_share(call, part, has_call);
  const __u32 by = pending ? BY_THREAD | BY_OTHER_READER : BY_THREAD;
  account_part(call, &call->key, part, &call->share, call->repeated ? part : 0, by);
  pass_piece(call, part);
  return 1;
}

/* Not inlined: the verifier then checks them once. */
__noinline int attribute_next_piece(__u32 step) {
  struct call* call = current_call();
  return call ? attribute_write_piece(call, false) : 0;
}
__noinline int attribute_next_piece_by_tree(__u32 step) {
  struct call* call = current_call();
  return call ? attribute_write_piece(call, true) : 0;
}
__noinline int attribute_next_pieces(__u32 step) {
  for (__u32 i = 0; i < STEPS; i++)
    if (!attribute_next_piece(i)) return 0;
  return 1;
}
__noinline int attribute_next_pieces_by_tree(__u32 step) {
  for (__u32 i = 0; i < STEPS; i++)
    if (!attribute_next_piece_by_tree(i)) return 0;
  return 1;
}

static __always_inline void attribute_write(struct call* call, bool by_tree) {
  for (__u32 i = 0; i < STEPS; i++)
    if (!(by_tree ? attribute_next_pieces_by_tree(i) : attribute_next_pieces(i))) break;
  if (!call->remaining) {
    if (call->has_call) account_call_alone(call, REST_OF_WRITE);
    return;
  }
  struct zc_flow_key* key = &call->key;
  key->to = call->flow.to;
  __builtin_memset(&key->from, 0, sizeof key->from);
  key->from.kind = ZC_AT_MEMORY;
  key->method = method_of_write(call, FROM_MEMORY, false);
  key->link = ZC_UNLINKED;
  __builtin_memset(&call->share, 0, sizeof call->share);
  add_share(call, call->remaining, call->has_call);
  account_rest(REST_OF_WRITE, call->remaining);
}

/* Into a pipe by splice or tee: pending until the same program splices it out. */
static __always_inline void attribute_into_pipe(struct call* call) {
  struct zc_flow_key* key = &call->key;
  struct zc_pending_read* before = bpf_map_lookup_elem(&pipes, &key->to);
  struct zc_pending_read* now = &call->pending;
  __builtin_memset(now, 0, sizeof *now);
  now->from = key->from;
  now->bytes = call->all_bytes;
  now->t = now->used = call->now;
  now->cost = call->cost;
  now->process = key->process;
  now->method = key->method;
  name_thread(now->thread);
  if (before && before->bytes) {
    bool same = is_same_place(&before->from, &now->from) && before->method == now->method &&
                is_same_process(&before->process, &now->process);
    if (same && before->bytes + now->bytes <= PIPE_AT_MOST) {
      now->bytes += before->bytes;
      add_cost(&now->cost, &before->cost);
      if (keep_stacks) move_copiers(OF_PIPE_BEFORE, 1, before->cost.cpu_bytes);
    } else {
      account_unlinked(call, before, &key->to);
    }
  }
  if (bpf_map_update_elem(&pipes, &key->to, now, BPF_ANY)) account_unlinked(call, now, &key->to);
}

static __always_inline void attribute_out_of_pipe(struct call* call) {
  struct zc_flow_key* key = &call->key;
  struct zc_pending_read* pending = bpf_map_lookup_elem(&pipes, &key->from);
  bool known = pending && pending->bytes && pending->process.tgid == current_tgid();
  call->cost.calls = call->cost.requests = 0; /* it goes with the first part */
  __u64 linked = !known ? 0 : pending->bytes < call->all_bytes ? pending->bytes : call->all_bytes;
  if (linked) {
    __builtin_memset(&call->share, 0, sizeof call->share);
    add_share(call, linked, true);
    __u64 before = call->share.cpu_bytes;
    move_cost(&pending->cost, &call->share, linked, pending->bytes);
    if (keep_stacks) move_copiers(OF_PIPE, 0, call->share.cpu_bytes - before);
    pending->bytes -= linked;
    pending->used = call->now;
    call->unlinked.from = pending->from;
    call->unlinked.to = key->to;
    call->unlinked.method = pending->method;
    call->unlinked.link = ZC_BY_PIPE;
    account_part(call, &call->unlinked, linked, &call->share, 0, BY_THREAD);
    call->remaining -= linked;
    if (!call->remaining) return;
  }
  __builtin_memset(&call->share, 0, sizeof call->share);
  add_share(call, call->remaining, !linked);
  account_part(call, key, call->remaining, &call->share, 0, BY_THREAD);
}

/* Not inlined: what reads and writes need the stack. */
__noinline int attribute_transfer(__u32 nr) {
  struct call* call = current_call();
  if (!call) return 0;
  struct zc_flow_key* key = &call->key;
  *key = call->flow;
  bool from_pipe = key->from.kind == ZC_AT_PIPE, to_pipe = key->to.kind == ZC_AT_PIPE;
  if (nr == NR_TEE || (nr == NR_SPLICE && to_pipe && !from_pipe)) {
    if (nr == NR_TEE) { /* what is in the one pipe is now in the other too */
      struct zc_pending_read* pending = bpf_map_lookup_elem(&pipes, &key->from);
      if (pending && pending->bytes >= call->all_bytes && pending->process.tgid == current_tgid())
        key->from = pending->from;
    }
    attribute_into_pipe(call);
  } else if (nr == NR_SPLICE && from_pipe && !to_pipe) {
    attribute_out_of_pipe(call);
  } else {
    account_part(call, key, call->all_bytes, &call->cost, 0, BY_THREAD);
  }
  return 0;
}

/* O_DIRECT is a wish: ext4 with data=journal, btrfs with checksums and others go through the page cache all the same.
 * The copies tell, and that no device took the program's memory. */
static __always_inline void see_through_direct(struct call* call, __u64 bytes) {
  if (!call->direct || call->direct_bytes || call->cost.cpu_bytes < bytes) return;
  call->direct = 0;
  if (call->flow.method == ZC_DIRECT_IO)
    call->flow.method = call->direction == DIRECTION_IN ? ZC_ONLY_READ : only_written(call);
}

static __always_inline void attribute_call(struct call* call, long result, bool by_tree) {
  if (call->direction == DIRECTION_NONE) return;
  call->now = bpf_ktime_get_ns();
  call->has_call = 1;
  call->all_bytes = call->remaining = result > 0 ? result : 0;
  if (result > 0) {
    if (call->flow.from.kind == ZC_AT_SOCKET && call->direction == DIRECTION_IN) look_at_content(false);
    see_through_direct(call, result);
    apply_conservation(call, result);
  }
  bool in_parts = result > 0 && (call->direction == DIRECTION_IN || call->direction == DIRECTION_OUT);
  call->cost.calls = call->cost.requests = 0;
  if (!in_parts || call->peek) count_itself(call, &call->cost);
  if (call->tls) settle_tls(call, call->all_bytes);
  if (call->peek) {
    account_rest(WHOLE_CALL, 0); /* the read that takes them moves them */
  } else if (result <= 0) {
    note_refusal(call, result);
    /* A call that would have waited belongs to its flow too; a read that found nothing to none. */
    if (call->direction != DIRECTION_IN || call->cost.cpu_bytes || call->cost.transform_bytes)
      account_rest(WHOLE_CALL, 0);
  } else if (call->direction == DIRECTION_IN) {
    attribute_read(call);
  } else if (call->direction == DIRECTION_OUT) {
    attribute_write(call, by_tree);
  } else if (call->direction == DIRECTION_THROUGH) {
    attribute_transfer(call->nr);
  }
}
