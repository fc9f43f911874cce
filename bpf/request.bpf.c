/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Requests of io_uring and libaio. A request is a call of its own: made when it is submitted, worked on in whatever
 * thread the kernel chooses, and settled by its completion. It is no system call and no mode switch.
 *
 * While a thread works on a request, that is current_call(), so that each hook accounts to it. */

/* A pointer that the verifier knows cannot be passed to a function of ours: read as a plain number. */
static __always_inline __u64 request_argument(__u64* ctx) {
  __u64 value = 0;
  bpf_probe_read_kernel(&value, sizeof value, ctx);
  return value;
}

/* `nr`: of the system call that does the same. Null if there is no room. */
static __always_inline struct call* new_request(__u64 request, __u32 nr) {
  __u32 zero = 0;
  const struct call* none = bpf_map_lookup_elem(&no_call, &zero);
  if (!none || bpf_map_update_elem(&async_calls, &request, none, BPF_ANY)) {
    add_sum(ZC_SENDER, ZC_S_UNTRACKED, 1);
    return 0;
  }
  struct call* call = bpf_map_lookup_elem(&async_calls, &request);
  if (!call) return 0;
  call->t = bpf_ktime_get_ns();
  call->nr = nr;
  call->direction = direction_of(nr);
  call->in = call->out = ZC_FILE;
  call->user = ZC_USER_BUFFER;
  call->is_request = call->is_open = 1;
  call->tgid = current_tgid();
  struct zc_target* target = current_target();
  if (target) call->flow.process = target->process;
  return call;
}

/* Both ends of what is read or written, once its memory is known. */
static __always_inline void decode_ends(struct call* call, struct file* file, bool by_tree) {
  const __u32 role = ZC_SENDER; /* programs that are followed have no other */
  if (call->direction == DIRECTION_IN) {
    call->in = resolve_file(file, role, &call->flow.from, call);
    call->out = ZC_USER_BUFFER;
    call->flow.to.kind = ZC_AT_MEMORY;
    call->flow.link = ZC_UNLINKED;
    call->flow.method = only_read(call);
  } else {
    if (!follow_programs) call->user = kind_of_memory(call->segments[0].address);
    call->in = call->user;
    call->out = resolve_file(file, role, &call->flow.to, call);
    if (follow_programs) predict_flows(call, socket_at(call, file), by_tree);
  }
  finish_decoding(call, file);
  call->is_decoded = 1;
}

/* In a run, the time of a worker is the method's too, from its first request on. */
static __always_inline void start_workers_clock(void) {
  __u32 tid = current_tid();
  if (!bpf_map_lookup_elem(&on_cpus, &tid)) start_clock(bpf_ktime_get_ns());
}

static __always_inline void take_in_hand(__u64 request) {
  struct call* call = bpf_map_lookup_elem(&async_calls, &request);
  struct call* thread = call_of_thread();
  if (!call || !thread) return;
  thread->request = request;
  call->in_worker = !thread->is_open;
  if (call->in_worker && !follow_programs) start_workers_clock();
}

static __always_inline void let_go(void) {
  struct call* thread = find_call_of_thread();
  if (thread) thread->request = 0;
}

/* What was moved, without a word on which bytes read before these are: the task is not the owner's, so its memory is
 * out of reach, or where the memory is was not to be seen. */
static __always_inline void account_unchecked(struct call* call, long result) {
  call->cost.requests = 1;
  if (result > 0) apply_conservation(call, result);
  if (call->direction == DIRECTION_OUT) {
    call->flow.from.ino = call->flow.from.dev = 0;
    call->flow.from.kind = ZC_AT_MEMORY;
    call->flow.link = ZC_UNLINKED;
    call->flow.method = method_of_write(call, FROM_MEMORY, false);
  }
  call->now = bpf_ktime_get_ns();
  const __u64 bytes = result > 0 && !call->peek ? result : 0;
  set_more(call, bytes, &call->cost, 0);
  account_flow(&call->flow, &call->more); /* it is nobody's current_call() */
  if (bytes && call->flow.to.kind == ZC_AT_FILE) remember_writer(call, &call->flow);
}

/* Not inlined: what follows needs the stack. */
__noinline int infer_request(__u64 result) {
  struct zc_target* target = current_target();
  struct call* call = current_call();
  if (target && call) account_inferred(target->role, call, result);
  return 0;
}

static __always_inline void account_request(struct call* call, long result, bool by_tree) {
  if (!follow_programs) return; /* of a run no flows are kept */
  if (call->direction != DIRECTION_IN || call->segment_count)
    attribute_call(call, result, by_tree);
  else
    account_unchecked(call, result);
}

static __always_inline void settle(__u64 request, long result, bool has_more, bool by_tree) {
  struct call* call = bpf_map_lookup_elem(&async_calls, &request);
  if (!call) return;
  __u32 tgid = call->tgid;
  struct zc_target* target = bpf_map_lookup_elem(&targets, &tgid);
  struct call* thread = current_tgid() == tgid ? call_of_thread() : 0;
  if (call->is_decoded && target && is_active(target)) {
    if (thread) {
      __u64 in_hand = thread->request;
      thread->request = request; /* current_call() */
      if (infer_from_calls) infer_request(result);
      account_request(call, result, by_tree);
      thread->request = in_hand;
    } else if (follow_programs) {
      if (infer_from_calls) call->why |= ZC_WHY_UNSEEN;
      account_unchecked(call, result);
    }
  }
  if (!has_more) {
    bpf_map_delete_elem(&async_calls, &request);
    return;
  }
  __builtin_memset(&call->cost, 0, sizeof call->cost);
  call->explained_bytes = call->page_cache_bytes = call->device_bytes = call->direct_bytes = 0;
}

/* Not inlined: the verifier then checks them once. */
__noinline int settle_request(__u64 request, long result, bool has_more) {
  settle(request, result, has_more, false);
  return 0;
}
__noinline int settle_request_by_tree(__u64 request, long result, bool has_more) {
  settle(request, result, has_more, true);
  return 0;
}
