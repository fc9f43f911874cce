/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What reads left in a process's memory, by ranges of addresses: `buffers` has them by where they start, `regions` finds
 * the one that an address lies in. Where they overlap, the newest counts. A range that only part of a write took, or
 * that a later read filled anew in part, is split there. */
#pragma once

#define LEVELS 6

/* Of the addresses of one region: the lowest bits. */
static __always_inline __u32 bits_of_level(__u32 level) {
  return level == 0 ? 8 : level == 1 ? 12 : level == 2 ? 16 : level == 3 ? 20 : level == 4 ? 24 : 32;
}

static __always_inline __u32 level_of(__u64 bytes) {
  for (__u32 level = 0; level < LEVELS - 1; level++)
    if (bytes <= 1ull << bits_of_level(level)) return level;
  return LEVELS - 1;
}

static __always_inline struct zc_pending_read* range_from(__u64 first) {
  struct zc_buffer_key key = {.address = first, .tgid = current_tgid()};
  return bpf_map_lookup_elem(&buffers, &key);
}

/* The global functions below are verified once each, whoever calls them. */

__noinline int find_range_at_level(__u64 address, __u32 level) {
  struct call* call = current_call();
  struct region_key key = {.number = address >> bits_of_level(level), .tgid = current_tgid(), .level = level};
  struct region* region = bpf_map_lookup_elem(&regions, &key);
  if (!call || !region) return 0;
  for (__u32 i = 0; i < REGION_RANGES; i++) {
    __u64 first = region->at[i].first;
    if (address < first || address >= region->at[i].end) continue;
    struct zc_pending_read* pending = range_from(first);
    if (!pending || address - first >= pending->bytes || pending->t <= call->found_t) continue;
    call->found = first;
    call->found_t = pending->t;
  }
  return 0;
}

/* The newest range that the address lies in: call->found is where it starts. */
__noinline int find_range(__u64 address) {
  struct call* call = current_call();
  if (!call) return 0;
  struct zc_pending_read* exact = range_from(address);
  call->found = address;
  call->found_t = exact && exact->bytes ? exact->t : 0;
  for (__u32 level = 0; level < LEVELS; level++)
    if (levels_in_use & (1u << level)) find_range_at_level(address, level);
  return call->found_t != 0;
}

__noinline int find_next_range_in(__u64 number, __u32 level, __u64 address) {
  struct call* call = current_call();
  struct region_key key = {.number = number, .tgid = current_tgid(), .level = level};
  struct region* region = call ? bpf_map_lookup_elem(&regions, &key) : 0;
  if (!region) return 0;
  for (__u32 i = 0; i < REGION_RANGES; i++) {
    __u64 first = region->at[i].first;
    if (first <= address || first >= call->next_range) continue;
    struct zc_pending_read* pending = range_from(first);
    if (pending && pending->bytes) call->next_range = first;
  }
  return 0;
}

static __always_inline void find_next_range_at_level(__u64 address, __u64 last, __u32 level) {
  __u64 number = address >> bits_of_level(level), last_number = last >> bits_of_level(level);
  find_next_range_in(number, level, address);
  if (number != last_number) find_next_range_in(last_number, level, address);
}

/* Where the next range starts, behind `address` and at `last` or before: call->next_range. Sought where both ends lie:
 * much smaller ones amid a large write may be missed. */
__noinline int find_next_range(__u64 address, __u64 last) {
  struct call* call = current_call();
  if (!call) return 0;
  call->next_range = last + 1;
  for (__u32 level = 0; level < LEVELS; level++)
    if (levels_in_use & (1u << level)) find_next_range_at_level(address, last, level);
  return 0;
}

static const struct region no_region = {}; /* a program's stack is too small for one */

__noinline int put_in_region(__u64 number, __u32 level, __u64 first, __u64 end) {
  struct region_key key = {.number = number, .tgid = current_tgid(), .level = level};
  struct region* region = bpf_map_lookup_elem(&regions, &key);
  if (!region) {
    bpf_map_update_elem(&regions, &key, &no_region, BPF_NOEXIST);
    region = bpf_map_lookup_elem(&regions, &key);
    if (!region) return 0;
  }
  for (__u32 i = 0; i < REGION_RANGES; i++) {
    if (region->at[i].first != first) continue;
    region->at[i].end = end;
    return 0;
  }
  __u32 slot = region->next++ & (REGION_RANGES - 1);
  region->at[slot].first = first;
  region->at[slot].end = end;
  return 0;
}

static __always_inline void index_range(__u64 first, __u64 bytes) {
  __u32 level = level_of(bytes), bits = bits_of_level(level);
  if (!(levels_in_use & (1u << level))) levels_in_use |= 1u << level;
  put_in_region(first >> bits, level, first, first + bytes);
  if (first >> bits != (first + bytes - 1) >> bits) put_in_region((first + bytes - 1) >> bits, level, first, first + bytes);
}

/* Samples: whether what is written is what was read. */

#define SAMPLE 8

/* Of a short range all bytes are looked at. */
static __always_inline __u64 place_of_sample(__u64 bytes, __u32 index) {
  if (bytes <= ZC_SAMPLES * SAMPLE) return index * SAMPLE;
  return index == 0 ? 0 : index == 1 ? bytes / 3 : index == 2 ? bytes / 3 * 2 : bytes - SAMPLE;
}

static __always_inline bool read_sample(__u64* sample, __u64 address, __u64 bytes) {
  *sample = 0;
  if (bytes >= SAMPLE) return !bpf_probe_read_user(sample, SAMPLE, (void*)address);
  return !bpf_probe_read_user(sample, bytes & (SAMPLE - 1), (void*)address);
}

static __always_inline void take_samples(struct zc_pending_read* pending, __u64 first) {
  for (__u32 i = 0; i < ZC_SAMPLES; i++) {
    __u64 at = place_of_sample(pending->bytes, i);
    bool taken = at < pending->bytes && at < ZC_NO_SAMPLE && read_sample(&pending->sample[i], first + at, pending->bytes - at);
    pending->sample_at[i] = taken ? at : ZC_NO_SAMPLE;
  }
}

/* What samples tell: call->samples. */
enum { SAMPLED = 1, SAMPLE_CHANGED = 2, SAME_WITHIN = 4 };

/* Are `bytes` at `address`, part of the range call->found, as they were read? call->link says how sure that is. What
 * samples tell is in a map, because the verifier would track each value of a register from sample to sample. */
__noinline int compare_samples(__u64 address, __u64 bytes) {
  struct call* call = current_call();
  struct zc_pending_read* pending = call ? range_from(call->found) : 0;
  if (!pending) return 0;
  call->samples = 0;
  for (__u32 i = 0; i < ZC_SAMPLES; i++) {
    __u64 offset = pending->sample_at[i], now;
    if (offset == ZC_NO_SAMPLE || offset >= pending->bytes) continue;
    __u64 at = call->found + offset, length = pending->bytes - offset;
    if (length > SAMPLE) length = SAMPLE;
    bool same = read_sample(&now, at, length) && now == pending->sample[i];
    bool within = at >= address && at + length <= address + bytes;
    if (within && !same) return 0;
    call->samples |= SAMPLED | (same ? 0 : SAMPLE_CHANGED) | (within ? SAME_WITHIN : 0);
  }
  const __u8 samples = call->samples;
  bool changed = samples & SAMPLE_CHANGED;
  /* malloc gives what was freed to whoever comes next, and what has gone on is free: seen to be the same, or not that. */
  if (!(samples & SAMPLED)) return 0;
  if ((changed || address - call->found < pending->taken) && !(samples & SAME_WITHIN)) return 0;
  call->link = changed ? ZC_BY_LIKELY_BUFFER : ZC_BY_BUFFER;
  return 1;
}

/* The stacks of what was copied go with its bytes: `bytes` of what is counted as copied by the call, by the range
 * call->found, or on the way into the pipe call->key.from, to call->share or call->pending. Where they were copied with two
 * stacks, the first one's go first. Not inlined, and by names: its callers' stacks are full. */
enum copiers_of { OF_CALL, OF_RANGE, OF_PIPE, OF_PIPE_BEFORE };
static __always_inline void move_copiers_from(struct zc_copier* from, struct zc_cost* to, __u64 bytes) {
  for (int i = 0; i < ZC_COPIERS; i++) {
    struct zc_copier* by = &from[i];
    __u64 share = by->bytes < bytes ? by->bytes : bytes;
    if (!share) continue;
    add_copier(to, by->stack, share, by->calls);
    by->bytes -= share;
    by->calls = 0;
    bytes -= share;
  }
}
__noinline int move_copiers(__u32 of, __u32 to_pending, __u64 bytes) {
  struct call* call = current_call();
  if (!call) return 0;
  struct zc_cost* to = to_pending ? &call->pending.cost : &call->share;
  if (of == OF_CALL) {
    move_copiers_from(call->cost.by, to, bytes);
    return 0;
  }
  struct zc_pending_read* pending;
  if (of == OF_RANGE) {
    pending = range_from(call->found);
    if (pending) move_copiers_from(pending->cost.by, to, bytes);
    return 0;
  }
  pending = bpf_map_lookup_elem(&pipes, of == OF_PIPE ? &call->key.from : &call->key.to);
  if (pending) move_copiers_from(pending->cost.by, to, bytes);
  return 0;
}

/* Cost follows bytes (move_copiers() is for the stacks): moves the part of a cost that belongs to `part` of `all` bytes. The calls go with the first part
 * that is asked for. Rounded up where it is unexplained: no piece of that may look known. */
static __always_inline void move_cost(struct zc_cost* from, struct zc_cost* to, __u64 part, __u64 all) {
  if (!all || part >= all) {
    add_cost(to, from);
    __builtin_memset(from, 0, __builtin_offsetof(struct zc_cost, by));
    return;
  }
#define MOVE_SHARE(FIELD)                            \
  do {                                               \
    __u64 share = part * (from->FIELD / all);        \
    share += part * (from->FIELD % all) / all;       \
    from->FIELD -= share;                            \
    to->FIELD += share;                              \
  } while (0)
  to->calls += from->calls;
  to->requests += from->requests;
  from->calls = from->requests = 0;
  MOVE_SHARE(cpu_bytes);
  MOVE_SHARE(buffer_bytes);
  MOVE_SHARE(tls_bytes);
  MOVE_SHARE(reference_bytes);
  MOVE_SHARE(disk_bytes);
  MOVE_SHARE(transform_bytes);
  to->cipher |= from->cipher;
  to->why |= from->why;
  MOVE_SHARE(written_bytes);
  if (from->unexplained_bytes && part) {
    __u64 share = (from->unexplained_bytes * part + all - 1) / all;
    to->unexplained_bytes += share;
    if (from->unexplained_bytes > share) from->unexplained_bytes -= share;
  }
}

/* Pages of the file that are written to its disk from now on are this flow's. */
static __always_inline void remember_writer(struct call* call, const struct zc_flow_key* flow) {
  struct zc_file* file = &call->pages;
  if (!file->ino) {
    file->ino = flow->to.ino;
    file->dev = flow->to.dev;
  }
  struct zc_flow_key* known = bpf_map_lookup_elem(&writers, file);
  if (known && is_same_flow(known, flow)) {
    known->generation = flow->generation; /* userspace forgets the oldest */
    return;
  }
  if (bpf_map_update_elem(&writers, file, flow, BPF_ANY)) add_sum(ZC_SENDER, ZC_S_WRITERS_LOST, 1);
}

static __always_inline void name_thread(char* name) { bpf_get_current_comm(name, ZC_THREAD_NAME); }

static __always_inline void copy_name(char* to, const char* from) { __builtin_memcpy(to, from, ZC_THREAD_NAME); }

static __always_inline __u32 offset_of_key(const struct call* call, const struct zc_flow_key* key) {
  return (const char*)key - (const char*)call;
}

static __always_inline void credit(struct zc_flow_sum* sum, const char* thread, __u64 bytes) {
  __u64 name[2];
  __builtin_memcpy(name, thread, sizeof name);
  for (__u32 i = 0; i < ZC_THREADS; i++) {
    __u64* known = (__u64*)sum->threads[i].name;
    if (!known[0]) {
      known[1] = name[1];
      known[0] = name[0];
    }
    if (known[0] != name[0] || known[1] != name[1]) continue;
    __sync_fetch_and_add(&sum->threads[i].bytes, bytes);
    return;
  }
  __sync_fetch_and_add(&sum->by_others, bytes);
}

/* By whom a flow's bytes were moved: the thread that runs now, the one that brought them in, or that if it is another. */
enum movers { BY_THREAD = 1, BY_READER = 2, BY_OTHER_READER = 4 };

/* Adds the current call's `more` to the flow whose key is at that offset of it. Not inlined: the verifier then checks it
 * once. */
__noinline int account_more(__u32 offset, __u32 by) {
  struct call* call = current_call();
  if (!call) return 0;
  struct zc_flow_key* key = offset == __builtin_offsetof(struct call, key)        ? &call->key
                            : offset == __builtin_offsetof(struct call, unlinked) ? &call->unlinked
                                                                                  : &call->flow;
  const __u64 bytes = call->more.bytes;
  struct zc_flow_sum* sum = account_flow(key, &call->more);
  if (!sum || !bytes || call->is_request) return 0; /* a request is completed by whoever comes along */
  char name[ZC_THREAD_NAME] = {};
  name_thread(name);
  if (by & BY_THREAD) credit(sum, name, bytes);
  const __u64 *own = (const __u64*)name, *reader = (const __u64*)call->reader;
  bool other = own[0] != reader[0] || own[1] != reader[1];
  if (reader[0] && (by & BY_READER || (by & BY_OTHER_READER && other))) credit(sum, call->reader, bytes);
  return 0;
}

static __always_inline void set_more(struct call* call, __u64 bytes, const struct zc_cost* cost, __u64 repeated) {
  call->more.bytes = bytes;
  call->more.repeated_bytes = repeated;
  call->more.cost = *cost;
  call->more.sent_bytes = call->more.sent_linear = call->more.sent_dma = call->more.written_later = 0;
  call->more.refused = call->error != 0;
  call->more.error = call->error;
  call->more.last = call->now;
}

static __always_inline void add_part(struct call* call, struct zc_flow_key* key, __u64 bytes,
                                     const struct zc_cost* cost, __u64 repeated, const __u32 by) {
  set_more(call, bytes, cost, repeated);
  account_more(offset_of_key(call, key), by);
  if (bytes && key->to.kind == ZC_AT_FILE) remember_writer(call, key);
}

static __always_inline void account_part(struct call* call, struct zc_flow_key* key, __u64 bytes,
                                         const struct zc_cost* cost, __u64 repeated, const __u32 by) {
  key->process = call->flow.process;
  add_part(call, key, bytes, cost, repeated, by);
}

/* Bytes that were read and not passed on: they end in memory, or in the pipe. */
static __always_inline void account_unlinked(struct call* call, const struct zc_pending_read* pending,
                                            const struct zc_place* pipe) {
  call->unlinked.from = pending->from;
  call->unlinked.process = pending->process;
  call->unlinked.method = pending->method;
  call->unlinked.link = pipe ? ZC_BY_CALL : ZC_UNLINKED;
  call->unlinked.to.ino = pipe ? pipe->ino : 0;
  call->unlinked.to.dev = pipe ? pipe->dev : 0;
  call->unlinked.to.kind = pipe ? pipe->kind : ZC_AT_MEMORY;
  copy_name(call->reader, pending->thread);
  add_part(call, &call->unlinked, pending->bytes - pending->taken, &pending->cost, 0, BY_READER);
}

/* There is no room for it. */
static __always_inline void lose_range(struct call* call, const struct zc_pending_read* pending) {
  add_sum(ZC_SENDER, ZC_S_RANGES_LOST_BYTES, pending->bytes - pending->taken);
  account_unlinked(call, pending, 0);
}

static __always_inline void split_samples(struct zc_pending_read* left, struct zc_pending_read* right, __u64 address) {
  for (__u32 i = 0; i < ZC_SAMPLES; i++) {
    __u32 at = left->sample_at[i];
    if (at == ZC_NO_SAMPLE) continue;
    right->sample_at[i] = at >= address ? at - address : ZC_NO_SAMPLE;
    if (at + SAMPLE > address) left->sample_at[i] = ZC_NO_SAMPLE;
  }
}

/* Splits the range call->found at an address within it. */
__noinline int split_range(__u64 address) {
  struct call* call = current_call();
  struct zc_pending_read* left = call ? range_from(call->found) : 0;
  if (!left || address <= call->found || address - call->found >= left->bytes) return 0;
  bool unchanged = compare_samples(call->found, left->bytes);
  __u64 first_bytes = address - call->found;
  struct zc_pending_read* right = &call->pending;
  *right = *left;
  right->bytes = left->bytes - first_bytes;
  right->taken = left->taken > first_bytes ? left->taken - first_bytes : 0;
  __builtin_memset(&right->cost, 0, sizeof right->cost);
  struct zc_cost* calls = left->taken < first_bytes ? &left->cost : &right->cost;
  __u64 count = left->cost.calls, requests = left->cost.requests;
  left->cost.calls = left->cost.requests = 0;
  move_cost(&left->cost, &right->cost, right->bytes - right->taken, left->bytes - left->taken);
  if (keep_stacks) move_copiers(OF_RANGE, 1, right->cost.cpu_bytes);
  calls->calls += count;
  calls->requests += requests;
  left->bytes = first_bytes;
  if (left->taken > first_bytes) left->taken = first_bytes;
  split_samples(left, right, first_bytes);
  /* What has gone on may be overwritten between its samples: new ones would be of that. */
  if (unchanged && left->taken < left->bytes) take_samples(left, call->found);
  if (unchanged && right->taken < right->bytes) take_samples(right, address);
  struct zc_pending_read* before = range_from(address); /* older, or the newest would start there */
  if (before && before->taken < before->bytes) account_unlinked(call, before, 0);
  struct zc_buffer_key key = {.address = address, .tgid = current_tgid()};
  if (bpf_map_update_elem(&buffers, &key, right, BPF_ANY))
    lose_range(call, right);
  else
    index_range(address, right->bytes);
  return 1;
}
