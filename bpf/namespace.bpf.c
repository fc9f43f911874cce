/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Not a hook: userspace reads the pairs of a process's numbers, once per process to follow. */

SEC("iter/task")
int number_processes(struct bpf_iter__task* ctx) {
  struct task_struct* task = ctx->task;
  if (!task || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid)) return 0;
  struct zc_process_number row = {.here = number_for_userspace(task), .first = BPF_CORE_READ(task, tgid)};
  bpf_seq_write(ctx->meta->seq, &row, sizeof row);
  return 0;
}
