/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* libaio: io_submit hands over its requests one after the other. What does not wait is complete at once; direct I/O is
 * completed by an interrupt, in whatever task it meets. */

static __always_inline void start_aio(__u32 probe, __u64* ctx, __u32 nr, bool by_tree) {
  count_hit(probe);
  if (!active_target()) return;
  __u64 request = request_argument(ctx);
  struct call* call = new_request(request, nr);
  if (!call) return;
  struct kiocb* kiocb = (void*)request;
  struct iocb* asked = (void*)ctx[1];
  const __u64 args[6] = {0, BPF_CORE_READ(asked, aio_buf), BPF_CORE_READ(asked, aio_nbytes)};
  find_segments(call, args);
  take_in_hand(request); /* what predicts its flow takes it from current_call() */
  decode_ends(call, BPF_CORE_READ(kiocb, ki_filp), by_tree);
}

static __always_inline void leave_aio(__u32 probe, __u64* ctx) {
  count_hit(probe);
  let_go();
  if ((int)ctx[4] == 0) return;
  __u64 request = request_argument(ctx); /* refused: it will not be completed */
  bpf_map_delete_elem(&async_calls, &request);
}

SEC("fentry/aio_read")
int aio_enter_read(__u64* ctx) {
  HOLD_CPU;
  start_aio(ZC_P_aio_enter_read, ctx, (__u8)ctx[2] ? NR_PREADV : NR_PREAD64, true);
  return 0;
}

SEC("fexit/aio_read")
int aio_leave_read(__u64* ctx) {
  HOLD_CPU;
  leave_aio(ZC_P_aio_leave_read, ctx);
  return 0;
}

SEC("fentry/aio_write")
int aio_enter_write(__u64* ctx) {
  HOLD_CPU;
  start_aio(ZC_P_aio_enter_write, ctx, (__u8)ctx[2] ? NR_PWRITEV : NR_PWRITE64, false);
  return 0;
}

SEC("fentry/aio_write")
int aio_enter_write_before_5_17(__u64* ctx) {
  HOLD_CPU;
  start_aio(ZC_P_aio_enter_write_before_5_17, ctx, (__u8)ctx[2] ? NR_PWRITEV : NR_PWRITE64, true);
  return 0;
}

SEC("fexit/aio_write")
int aio_leave_write(__u64* ctx) {
  HOLD_CPU;
  leave_aio(ZC_P_aio_leave_write, ctx);
  return 0;
}

SEC("fentry/aio_complete_rw")
int aio_completed(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_aio_completed);
  settle_request(request_argument(ctx), ctx[1], false);
  return 0;
}

SEC("fentry/aio_complete_rw")
int aio_completed_before_5_17(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_aio_completed_before_5_17);
  settle_request_by_tree(request_argument(ctx), ctx[1], false);
  return 0;
}
