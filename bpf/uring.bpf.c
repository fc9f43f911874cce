/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* io_uring. Its requests are worked on by the submitter, by a worker, or by the polling thread, all of them threads of
 * the process, in io_issue_sqe. A request's file is looked up by the kernel only there, and is no descriptor where the
 * ring has registered it. */

#define IOSQE_FIXED_FILE 1
#define IOSQE_BUFFER_SELECT (1 << 5)
#define IORING_RECV_MULTISHOT (1 << 1)
#define IORING_RECVSEND_FIXED_BUF (1 << 2)
#define SPLICE_F_FD_IN_FIXED (1u << 31)
#define IORING_CQE_F_MORE 2

enum uring_operation {
  URING_READV = 1,
  URING_WRITEV = 2,
  URING_READ_FIXED = 4,
  URING_WRITE_FIXED = 5,
  URING_SENDMSG = 9,
  URING_RECVMSG = 10,
  URING_READ = 22,
  URING_WRITE = 23,
  URING_SEND = 26,
  URING_RECV = 27,
  URING_SPLICE = 30,
  URING_TEE = 33,
  URING_SEND_ZC = 47,
  URING_SENDMSG_ZC = 48,
  URING_READ_MULTISHOT = 49,
  URING_RECV_ZC = 58,
  URING_READV_FIXED = 60,
  URING_WRITEV_FIXED = 61,
};

/* The system call that does the same; -1: it moves no bytes that its result would tell. */
static __always_inline int call_like(__u8 operation) {
  switch (operation) {
    case URING_READ:
    case URING_READ_FIXED:
    case URING_READ_MULTISHOT:
      return NR_PREAD64;
    case URING_READV:
    case URING_READV_FIXED:
      return NR_PREADV;
    case URING_WRITE:
    case URING_WRITE_FIXED:
      return NR_PWRITE64;
    case URING_WRITEV:
    case URING_WRITEV_FIXED:
      return NR_PWRITEV;
    case URING_SEND:
    case URING_SEND_ZC:
      return NR_SENDTO;
    case URING_SENDMSG:
    case URING_SENDMSG_ZC:
      return NR_SENDMSG;
    case URING_RECV:
    case URING_RECV_ZC:
      return NR_RECVFROM;
    case URING_RECVMSG:
      return NR_RECVMSG;
    case URING_SPLICE:
      return NR_SPLICE;
    case URING_TEE:
      return NR_TEE;
    default:
      return -1;
  }
}

/* A file that the ring has registered. The lowest bits of the pointer are flags. */
static __always_inline struct file* registered_file(struct io_ring_ctx* ring, __u32 index) {
  unsigned long pointer = 0;
  if (bpf_core_field_exists(ring->file_table.data)) {
    if (index >= BPF_CORE_READ(ring, file_table.data.nr)) return 0;
    struct io_rsrc_node **nodes = BPF_CORE_READ(ring, file_table.data.nodes), *node = 0;
    bpf_probe_read_kernel(&node, sizeof node, nodes + index);
    if (node) pointer = BPF_CORE_READ(node, file_ptr);
  } else {
    struct io_ring_ctx___before_6_13* old = (void*)ring;
    if (index >= BPF_CORE_READ(old, nr_user_files)) return 0;
    struct io_fixed_file* files = BPF_CORE_READ(old, file_table.files);
    bpf_probe_read_kernel(&pointer, sizeof pointer, files + index);
  }
  return (struct file*)(pointer & ~7ul);
}

/* Null where it cannot be known yet. Descriptors are the submitter's; all of a ring's threads share its table. */
static __always_inline struct file* file_of_request(struct io_kiocb* request) {
  struct file* file = BPF_CORE_READ(request, file);
  if (file || !bpf_core_field_exists(request->cqe)) return file;
  int fd = BPF_CORE_READ(request, cqe.fd);
  if (!(BPF_CORE_READ(request, flags) & IOSQE_FIXED_FILE)) return file_of(fd);
  return registered_file(BPF_CORE_READ(request, ctx), fd);
}

static __always_inline struct file* source_of_splice(struct io_kiocb* request) {
  struct io_splice* splice = (void*)request;
  int fd = BPF_CORE_READ(splice, splice_fd_in);
  if (!(BPF_CORE_READ(splice, flags) & SPLICE_F_FD_IN_FIXED)) return file_of(fd);
  return registered_file(BPF_CORE_READ(request, ctx), fd);
}

static __always_inline struct multishot_key multishot_key_of(struct io_kiocb* request) {
  struct multishot_key key = {.ring = (__u64)BPF_CORE_READ(request, ctx),
                              .user_data = BPF_CORE_READ(request, cqe.user_data)};
  return key;
}

/* Its results but the last are told without it. */
static __always_inline bool is_multishot(struct io_kiocb* request) {
  struct io_sr_msg* receive = (void*)request;
  if (!bpf_core_field_exists(receive->flags)) return false;
  __u8 operation = BPF_CORE_READ(request, opcode);
  if (operation == URING_READ_MULTISHOT || operation == URING_RECV_ZC) return true;
  if (operation != URING_RECV && operation != URING_RECVMSG) return false;
  return BPF_CORE_READ(receive, flags) & IORING_RECV_MULTISHOT;
}

/* Where its memory is, as the arguments of the system call that does the same. */
static __always_inline void find_memory(struct call* call, struct io_kiocb* request, __u8 operation) {
  __u64 args[6] = {};
  __u64 message_flags = 0;
  if (call->nr == NR_SENDTO || call->nr == NR_RECVFROM || call->nr == NR_SENDMSG || call->nr == NR_RECVMSG) {
    struct io_sr_msg* send = (void*)request;
    args[1] = (__u64)BPF_CORE_READ(send, buf);
    args[2] = BPF_CORE_READ(send, len);
    message_flags = BPF_CORE_READ(send, msg_flags);
    if (bpf_core_field_exists(send->flags))
      call->registered = (BPF_CORE_READ(send, flags) & IORING_RECVSEND_FIXED_BUF) != 0;
    call->zerocopy = operation == URING_SEND_ZC || operation == URING_SENDMSG_ZC;
  } else {
    struct io_rw* transfer = (void*)request;
    args[1] = BPF_CORE_READ(transfer, addr);
    args[2] = BPF_CORE_READ(transfer, len);
    call->registered = operation == URING_READ_FIXED || operation == URING_WRITE_FIXED ||
                       operation == URING_READV_FIXED || operation == URING_WRITEV_FIXED;
  }
  call->peek = call->direction == DIRECTION_IN && (message_flags & MSG_PEEK);
  /* The kernel chooses among buffers that it was given before: not known where. */
  if (BPF_CORE_READ(request, flags) & IOSQE_BUFFER_SELECT) return;
  find_segments(call, args);
}

static __always_inline void decode_request_of(struct call* call, struct io_kiocb* request, bool by_tree) {
  struct file* file = file_of_request(request);
  if (!file) return;
  if (call->direction != DIRECTION_THROUGH) {
    find_memory(call, request, BPF_CORE_READ(request, opcode));
    decode_ends(call, file, by_tree);
    return;
  }
  struct file* source = source_of_splice(request);
  if (!source) return;
  call->in = resolve_file(source, ZC_SENDER, &call->flow.from, call);
  call->out = resolve_file(file, ZC_SENDER, &call->flow.to, call);
  if (follow_programs) predict_transfer(call, file);
  finish_decoding(call, file);
  call->is_decoded = 1;
}

/* The request's call; made if it is new. Null if it moves no bytes. */
static __always_inline struct call* call_of_request(__u64 request) {
  struct call* call = bpf_map_lookup_elem(&async_calls, &request);
  if (call) return call;
  struct io_kiocb* address = (void*)request;
  int nr = call_like(BPF_CORE_READ(address, opcode));
  if (nr < 0) return 0;
  call = new_request(request, nr);
  if (!call) return 0;
  call->is_uring = 1;
  if (is_multishot(address)) {
    struct multishot_key key = multishot_key_of(address);
    bpf_map_update_elem(&multishots, &key, &request, BPF_ANY);
  }
  return call;
}

/* What predicts its flow takes it from current_call(). */
static __always_inline void decode_in_hand(struct call* call, __u64 request, bool by_tree) {
  struct call* thread = call_of_thread();
  if (!thread) return;
  __u64 in_hand = thread->request;
  thread->request = request;
  decode_request_of(call, (void*)request, by_tree);
  thread->request = in_hand;
}

/* Not inlined: the verifier then checks them once. 1 if the request is one that moves bytes. */
__noinline int decode_request(__u64 request) {
  struct call* call = call_of_request(request);
  if (call && !call->is_decoded) decode_in_hand(call, request, false);
  return call != 0;
}
__noinline int decode_request_by_tree(__u64 request) {
  struct call* call = call_of_request(request);
  if (call && !call->is_decoded) decode_in_hand(call, request, true);
  return call != 0;
}

/* The same one again where the first attempt would have waited. */
static __always_inline void start_work(__u32 probe, __u64* ctx, bool by_tree) {
  count_hit(probe);
  if (!active_target()) return;
  __u64 request = request_argument(ctx);
  if (by_tree ? decode_request_by_tree(request) : decode_request(request)) take_in_hand(request);
}

SEC("fentry/io_issue_sqe")
int uring_issue(__u64* ctx) {
  HOLD_CPU;
  start_work(ZC_P_uring_issue, ctx, false);
  return 0;
}

SEC("fentry/io_issue_sqe")
int uring_issue_before_5_17(__u64* ctx) {
  HOLD_CPU;
  start_work(ZC_P_uring_issue_before_5_17, ctx, true);
  return 0;
}

SEC("fexit/io_issue_sqe")
int uring_issued(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_uring_issued);
  let_go();
  return 0;
}

/* When a file has become ready. On 7.2 the other is passed by: what they share, __io_issue_sqe, cannot be hooked. */
SEC("fentry/io_poll_issue")
int uring_issue_again(__u64* ctx) {
  HOLD_CPU;
  start_work(ZC_P_uring_issue_again, ctx, false);
  return 0;
}

SEC("fexit/io_poll_issue")
int uring_issued_again(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_uring_issued_again);
  let_go();
  return 0;
}

/* On a kernel that allows tracepoints only nothing else tells of a request before its completion. (What a send finds in
 * its buffer may still be to come: a read that it is linked behind.) */
SEC("raw_tp/io_uring_submit_req")
int uring_submit(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_uring_submit);
  if (active_target()) decode_request(ctx->args[0]);
  return 0;
}

SEC("raw_tp/io_uring_complete")
int uring_complete(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_uring_complete);
  __u64 request = ctx->args[1];
  struct multishot_key key = {.ring = ctx->args[0]};
  int result;
  __u32 flags;
  if (uring_completes_entry) { /* it has no further arguments then */
    struct io_uring_cqe* entry = (void*)ctx->args[2];
    result = BPF_CORE_READ(entry, res);
    flags = BPF_CORE_READ(entry, flags);
    key.user_data = BPF_CORE_READ(entry, user_data);
  } else {
    result = ctx->args[3];
    flags = ctx->args[4];
    key.user_data = ctx->args[2];
  }
  bool has_more = flags & IORING_CQE_F_MORE;
  const __u64* multishot = bpf_map_lookup_elem(&multishots, &key);
  if (!request) { /* one of many results */
    if (!multishot) return 0;
    request = *multishot;
    has_more = true;
  } else if (multishot && *multishot == request && !has_more) {
    bpf_map_delete_elem(&multishots, &key);
  }
  if (result > 0 && active_target()) decode_request(request); /* it may have begun before tracing did */
  const struct call* call = bpf_map_lookup_elem(&async_calls, &request);
  if (call && call->zerocopy) has_more = false; /* its second result, that the buffer is free, is another request's */
  settle_request(request, result, has_more);
  return 0;
}

/* Before the tracepoint tells which request it is (5.10 has the io_uring of 5.15): one by one, or in batches. */
SEC("fentry/io_req_complete_post")
int uring_complete_post_before_5_18(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_uring_complete_post_before_5_18);
  settle_request_by_tree(request_argument(ctx), (int)ctx[1], false);
  return 0;
}

SEC("fentry/io_submit_flush_completions")
int uring_flush_before_5_18(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_uring_flush_before_5_18);
  struct io_ring_ctx___before_5_19* ring = (void*)ctx[0];
  __u32 count = BPF_CORE_READ(ring, submit_state.compl_nr);
  for (__u32 i = 0; i < 32 && i < count; i++) {
    struct io_kiocb* request = 0;
    bpf_probe_read_kernel(&request, sizeof request, &ring->submit_state.compl_reqs[i]);
    struct io_kiocb___before_5_19* old = (void*)request;
    settle_request_by_tree((__u64)request, (int)BPF_CORE_READ(old, result), false);
  }
  return 0;
}
