/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Copies in the socket-buffer layer. They run in softirq as often as in the sender's call, so they belong to the
 * socket of the buffer, never to the current task. */

#define NO_HEADER 0xffff

/* Where a traced call is. A softirq that interrupts another call runs on a stack of its own, and stacks grow down: of two
 * calls in flight on one stack the lower is the inner. */
struct position {
  __u64 at, task;
  bool on_task_stack;
};

static __always_inline struct position position_of(__u64* ctx) {
  /* The programs of one call are given one address. */
  struct position here = {.at = address_of(ctx), .task = bpf_get_current_pid_tgid()};
  __u64 stack = (__u64)BPF_CORE_READ((struct task_struct*)bpf_get_current_task(), stack);
  here.on_task_stack = here.at - stack < TASK_STACK_BYTES;
  return here;
}

/* Is the frame's call still in flight? Its exit may have been skipped by the kernel, or run on another processor. */
static __always_inline bool is_in_flight(const struct frame* frame, const struct position* here) {
  if (frame->task != here->task || frame->on_task_stack < here->on_task_stack) return false;
  return frame->on_task_stack != here->on_task_stack || frame->at > here->at;
}

/* How many they were. */
static __always_inline __u32 drop_ended_frames(struct cpu_state* cpu, const struct position* here) {
  __u32 before = cpu->depth;
  for (__u32 i = FRAMES; i > 0; i--) {
    if (i > cpu->depth) continue;
    if (is_in_flight(&cpu->frames[i - 1], here)) break;
    cpu->depth = i - 1;
  }
  return before - cpu->depth;
}

static __always_inline struct frame* last_frame(struct cpu_state* cpu) {
  if (!cpu->depth || cpu->depth > FRAMES) return 0;
  return &cpu->frames[(cpu->depth - 1) & (FRAMES - 1)];
}

/* The innermost frame that the call is part of. */
static __always_inline struct frame* frame_around(struct cpu_state* cpu, const struct position* here) {
  if (!cpu) return 0;
  drop_ended_frames(cpu, here);
  struct frame* frame = last_frame(cpu);
  return frame && frame->on_task_stack == here->on_task_stack ? frame : 0;
}

#define UDP_HEADER 8

/* Where the payload starts, from skb->data: after the transport header, once there is one. Negative when already
 * pulled. */
static __always_inline __s64 payload_offset(struct sk_buff* skb, __u64 sk) {
  __u16 transport = KERNEL(sk_buff, skb, transport_header);
  if (transport == NO_HEADER) return 0;
  unsigned char* header = KERNEL(sk_buff, skb, head) + transport;
  if (sk && KERNEL(sock, sk, sk_protocol) == IPPROTO_UDP)
    return header + UDP_HEADER - KERNEL(sk_buff, skb, data);
  __u8 data_offset = 0;
  bpf_probe_read_kernel(&data_offset, 1, header + 12);
  return header + (data_offset >> 4) * 4 - KERNEL(sk_buff, skb, data);
}

/* Not by KERNEL: a pointer of which the verifier knows the type cannot be passed to a function of ours. */
static __always_inline __u64 owner_of_skb(struct sk_buff* skb) { return (__u64)BPF_CORE_READ(skb, sk); }

/* A segment being built has no socket yet: it is that of the buffer it is cut from. */
static __always_inline __u64 socket_of_skb(struct sk_buff* skb, struct frame* frame) {
  __u64 sk = owner_of_skb(skb);
  return sk || !frame ? sk : frame->sk;
}

struct tcp_start { /* of a TCP header */
  __be16 source, destination;
  __be32 sequence;
};

/* Where in the socket's stream the buffer lies. One without a header yet has it in the buffer that it is cut from. One
 * that the socket received lies in no stream of its own: none of its flows is found. */
static __always_inline void find_sequence(struct owner* owner, struct sk_buff* skb, struct frame* frame) {
  struct sock* sk = (void*)owner->sk;
  if (!sk || KERNEL(sock, sk, sk_protocol) != IPPROTO_TCP) return;
  __u16 transport = KERNEL(sk_buff, skb, transport_header);
  if (transport == NO_HEADER) {
    if (!frame) return;
    skb = (void*)frame->skb;
    transport = KERNEL(sk_buff, skb, transport_header);
    if (transport == NO_HEADER) return;
  }
  struct tcp_start header = {};
  bpf_probe_read_kernel(&header, sizeof header, KERNEL(sk_buff, skb, head) + transport);
  owner->has_sequence = true;
  owner->sequence = __builtin_bswap32(header.sequence);
}

static __always_inline void count_skb_copy(__u32 probe, struct sk_buff* skb, __u64 sk, struct frame* frame, __s64 bytes) {
  __u32 role = role_of_socket(sk);
  if (role >= ZC_ROLES || bytes <= 0) return;
  struct zc_target* target = current_target();
  struct call* call = target && target->role == role && is_active(target) ? current_call() : 0;
  bool soft = in_softirq();
  struct zc_edge edge = {.role = role,
                         .from = ZC_SOCKET_BUFFER,
                         .to = ZC_SOCKET_BUFFER,
                         .by = ZC_CPU,
                         .probe = probe,
                         .via = frame ? frame->probe : ZC_P_NONE,
                         .mechanism = ZC_LEAF,
                         .context = soft ? ZC_SOFTIRQ : context_of(call)};
  struct owner owner = {.sk = sk};
  if (follow_programs && !(call && edge.context == ZC_SYSCALL)) find_sequence(&owner, skb, frame);
  account_move_for(&owner, &edge, call, bytes);
}

static __always_inline void count_skb_range(__u32 probe, __u64* ctx, const struct position* here) {
  struct sk_buff* skb = (void*)ctx[0];
  struct frame* frame = frame_around(this_cpu(), here);
  /* One whose exit was skipped looks as if it were in flight to a call that lies deeper on its stack. */
  if (frame && frame->copied && frame->copied != (__u64)skb) frame = 0;
  __u64 sk = socket_of_skb(skb, frame);
  if (!sk) add_sum(ZC_SENDER, ZC_S_OWNERLESS_BYTES, (__u32)ctx[3]);
  if (role_of_socket(sk) >= ZC_ROLES) return;
  __s64 first = (int)ctx[1], end = first + (int)ctx[3], payload = payload_offset(skb, sk);
  if (first < payload) first = payload;
  count_skb_copy(probe, skb, sk, frame, end - first);
}

SEC("fentry/skb_copy_bits")
int leaf_skb_copy_bits(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_leaf_skb_copy_bits);
  struct cpu_state* cpu = this_cpu();
  struct position here = position_of(ctx);
  if (cpu) cpu->counted = (struct counted_call){here.at, ctx[0], ctx[1]};
  count_skb_range(ZC_P_leaf_skb_copy_bits, ctx, &here);
  return take_stack(ctx);
}

/* Softirqs call this function as tasks do: where one interrupts the program above, the kernel skips that one for the
 * softirq's calls (bpf_prog::active), and this second one counts them. Both programs of a softirq's call run on one CPU. */
SEC("fentry/skb_copy_bits")
int leaf_skb_copy_bits_within(__u64* ctx) {
  HOLD_CPU;
  struct cpu_state* cpu = this_cpu();
  struct position here = position_of(ctx);
  if (!cpu) return 0;
  struct counted_call counted = cpu->counted;
  cpu->counted.at = 0;
  if (counted.at == here.at && counted.skb == ctx[0] && counted.offset == ctx[1]) {
    count_hit(ZC_P_leaf_skb_copy_bits_within);
    return 0;
  }
  if (here.on_task_stack) return 0;
  add(&made_good[ZC_P_leaf_skb_copy_bits], 1);
  count_skb_range(ZC_P_leaf_skb_copy_bits, ctx, &here);
  return take_stack(ctx);
}

SEC("fentry/skb_copy_and_csum_bits")
int leaf_skb_copy_and_csum_bits(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_leaf_skb_copy_and_csum_bits);
  struct position here = position_of(ctx);
  count_skb_range(ZC_P_leaf_skb_copy_and_csum_bits, ctx, &here);
  return take_stack(ctx);
}

SEC("fentry/skb_store_bits")
int leaf_skb_store_bits(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_leaf_skb_store_bits);
  struct position here = position_of(ctx);
  count_skb_range(ZC_P_leaf_skb_store_bits, ctx, &here);
  return take_stack(ctx);
}

/* Copies all page fragments; on loopback and veth the buffer may have lost its socket, but not its ubuf_info. */
SEC("fentry/skb_copy_ubufs")
int leaf_skb_copy_ubufs(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_leaf_skb_copy_ubufs);
  struct sk_buff* skb = (void*)ctx[0];
  struct position here = position_of(ctx);
  struct frame* frame = frame_around(this_cpu(), &here);
  struct skb_shared_info* shared = (void*)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));
  __u64 uarg = (__u64)BPF_CORE_READ(shared, destructor_arg);
  __u64* known = uarg ? bpf_map_lookup_elem(&zerocopies, &uarg) : 0;
  __u64 sk = known ? *known : socket_of_skb(skb, frame);
  count_skb_copy(ZC_P_leaf_skb_copy_ubufs, skb, sk, frame, BPF_CORE_READ(skb, data_len));
  return take_stack(ctx);
}

/* A function that works on a buffer: `sk` is its socket, or 0 where the buffer tells. `copied`: the buffer that it copies
 * from, or 0 for any. */
static __always_inline void push_frame(__u32 probe, const struct position* here, struct sk_buff* skb, __u64 sk,
                                       __u64 copied) {
  struct cpu_state* cpu = this_cpu_to_set();
  if (!cpu) return;
  struct frame* around = frame_around(cpu, here);
  if (!sk) sk = socket_of_skb(skb, around);
  if (cpu->depth >= FRAMES) {
    __u32 role = role_of_socket(sk);
    if (role < ZC_ROLES) add_sum(role, ZC_S_FRAMES_LOST, 1);
    return;
  }
  struct frame* frame = &cpu->frames[cpu->depth & (FRAMES - 1)];
  frame->at = here->at;
  frame->on_task_stack = here->on_task_stack;
  frame->skb = (__u64)skb;
  frame->task = here->task;
  frame->sk = sk;
  frame->probe = probe;
  frame->copied = copied;
  cpu->depth++;
}

static __always_inline void enter_frame(__u32 probe, __u64* ctx, struct sk_buff* skb, __u64 sk, __u64 copied) {
  count_hit(probe);
  struct position here = position_of(ctx);
  push_frame(probe, &here, skb, sk, copied);
}

static __always_inline bool is_entered(struct cpu_state* cpu, const struct position* here, __u64 skb) {
  const struct frame* frame = last_frame(cpu);
  return frame && frame->at == here->at && frame->skb == skb && frame->task == here->task && !frame->on_task_stack;
}

static __always_inline void leave_frame(__u32 probe, __u64* ctx) {
  count_hit(probe);
  struct cpu_state* cpu = this_cpu();
  struct position here = position_of(ctx);
  if (cpu) drop_ended_frames(cpu, &here);
}

SEC("fentry/skb_segment")
int enter_skb_segment(__u64* ctx) {
  HOLD_CPU;
  enter_frame(ZC_P_enter_skb_segment, ctx, (void*)ctx[0], 0, 0);
  return 0;
}

SEC("fexit/skb_segment")
int leave_skb_segment(__u64* ctx) {
  HOLD_CPU;
  leave_frame(ZC_P_leave_skb_segment, ctx);
  return 0;
}

SEC("fentry/__pskb_pull_tail")
int enter_pskb_pull_tail(__u64* ctx) {
  HOLD_CPU;
  enter_frame(ZC_P_enter_pskb_pull_tail, ctx, (void*)ctx[0], 0, 0);
  return 0;
}

SEC("fexit/__pskb_pull_tail")
int leave_pskb_pull_tail(__u64* ctx) {
  HOLD_CPU;
  leave_frame(ZC_P_leave_pskb_pull_tail, ctx);
  return 0;
}

/* The receiver's: in softirq a segment is copied into the tail of the buffer before it, where it fits, and what is in page
 * fragments changes hands. A segment belongs to no socket yet; the buffer does in the socket's queue, and not in its
 * backlog. */
SEC("fentry/skb_try_coalesce")
int enter_skb_try_coalesce(__u64* ctx) {
  HOLD_CPU;
  enter_frame(ZC_P_enter_skb_try_coalesce, ctx, (void*)ctx[0], 0, ctx[1]);
  return 0;
}

/* The second program, as of skb_copy_bits. */
SEC("fentry/skb_try_coalesce")
int enter_skb_try_coalesce_within(__u64* ctx) {
  HOLD_CPU;
  struct position here = position_of(ctx);
  struct cpu_state* cpu = here.on_task_stack ? 0 : this_cpu();
  if (!cpu || is_entered(cpu, &here, ctx[0])) return 0;
  add(&made_good[ZC_P_enter_skb_try_coalesce], 1);
  push_frame(ZC_P_enter_skb_try_coalesce, &here, (void*)ctx[0], 0, ctx[1]);
  return 0;
}

SEC("fexit/skb_try_coalesce")
int leave_skb_try_coalesce(__u64* ctx) {
  HOLD_CPU;
  leave_frame(ZC_P_leave_skb_try_coalesce, ctx);
  return 0;
}

SEC("fexit/skb_try_coalesce")
int leave_skb_try_coalesce_within(__u64* ctx) {
  HOLD_CPU;
  struct position here = position_of(ctx);
  struct cpu_state* cpu = here.on_task_stack ? 0 : this_cpu();
  if (cpu && drop_ended_frames(cpu, &here)) add(&made_good[ZC_P_leave_skb_try_coalesce], 1);
  return 0;
}

SEC("fentry/tcp_add_backlog")
int enter_tcp_add_backlog(__u64* ctx) {
  HOLD_CPU;
  enter_frame(ZC_P_enter_tcp_add_backlog, ctx, (void*)ctx[1], ctx[0], 0);
  return 0;
}

SEC("fexit/tcp_add_backlog")
int leave_tcp_add_backlog(__u64* ctx) {
  HOLD_CPU;
  leave_frame(ZC_P_leave_tcp_add_backlog, ctx);
  return 0;
}
