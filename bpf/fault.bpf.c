/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Page faults. From user mode a fault is two mode switches; inside the kernel's own copy it is none. */

SEC("raw_tp/page_fault_user")
int page_fault_user(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  struct zc_target* target = active_target();
  count_hit(ZC_P_page_fault_user);
  if (!target) return 0;
  add_sum(target->role, ZC_S_USER_FAULTS, 1);
  struct zc_record* record = new_record(ZC_K_FAULT, target->role, ZC_RECORD_SHORT);
  if (!record) return 0;
  record->result = 1;
  submit(record);
  return 0;
}

SEC("raw_tp/page_fault_kernel")
int page_fault_kernel(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  struct zc_target* target = active_target();
  count_hit(ZC_P_page_fault_kernel);
  if (!target) return 0;
  add_sum(target->role, ZC_S_KERNEL_FAULTS, 1);
  struct call* call = current_system_call(); /* its record tells of them, also of those in a request */
  if (call) call->faults++;
  return 0;
}
