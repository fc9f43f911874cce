/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which code copies: the stacks of copies, each kept once, under the number that its content gives. A copy is accounted
 * first, and then its hook takes the stack: what is accounted has no context that the kernel could tell it of.
 * Functions with loops ask for themselves whether stacks are wanted: before 6.8 the verifier checks those that nothing
 * calls, too. */
#pragma once

#define USER_CODE 0x33          /* __USER_CS: a 64-bit program's */
#define FRED_PADDING 16         /* TOP_OF_KERNEL_STACK_PADDING, with CONFIG_X86_FRED (since 6.9) */
#define DEEPEST (256 << 20)     /* a frame pointer farther above the stack's is none */

/* The program's registers lie at the end of the kernel's stack. Not inlined, as all below: the verifier checks them once. */
__noinline int read_registers(__u32 slot) {
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!stack) return 0;
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  __u64 end = (__u64)BPF_CORE_READ(task, stack) + TASK_STACK_BYTES - sizeof stack->registers;
  bpf_probe_read_kernel(stack->registers, sizeof stack->registers, (void*)end);
  if (stack->registers[ZC_REG_CS] == USER_CODE) return 1;
  bpf_probe_read_kernel(stack->registers, sizeof stack->registers, (void*)(end - FRED_PADDING));
  return (stack->registers[ZC_REG_CS] & 0xffff) == USER_CODE;
}

/* By frame pointers, which lie on the stack above each other; a program that has none keeps something else there. */
__noinline int walk_program(__u32 slot) {
  if (!keep_stacks) return 0;
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!stack) return 0;
  __u64 at = stack->registers[ZC_REG_BP], lowest = stack->registers[ZC_REG_SP];
  __u64 frame[2]; /* the caller's frame pointer, and where it is returned to */
  __u32 frames = 0;
  for (__u32 i = 0; i < ZC_STACK_USER; i++) {
    if (at & 7 || at < lowest || at - lowest > DEEPEST) break;
    if (bpf_probe_read_user(frame, sizeof frame, (void*)at)) break;
    if (frame[1] < 4096 || frame[1] >> 47) break;
    stack->user[i] = frame[1];
    frames = i + 1;
    lowest = at + sizeof frame;
    at = frame[0];
  }
  stack->user_frames = frames;
  return 0;
}

__noinline int read_memory(__u32 slot) {
  if (!keep_stacks) return 0;
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!stack) return 0;
  __u64 from = stack->registers[ZC_REG_SP];
  __u32 bytes = 0;
  for (__u32 i = 0; i < ZC_STACK_MEMORY / ZC_STACK_PIECE; i++) {
    if (bpf_probe_read_user(stack->memory + i * ZC_STACK_PIECE, ZC_STACK_PIECE, (void*)(from + i * ZC_STACK_PIECE))) break;
    bytes += ZC_STACK_PIECE;
  }
  stack->memory_bytes = bytes;
  return 0;
}

/* Without frame pointers two stacks are taken for the same where the innermost call is the same and they are equally
 * deep. */
__noinline __u64 number_stack(__u32 slot) {
  if (!keep_stacks) return 0;
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!stack) return 0;
  __u64 number = ZC_NUMBER_FIRST;
  for (__u32 i = 0; i < ZC_STACK_KERNEL; i++) {
    if (i >= stack->kernel_frames) break;
    number = zc_number(number, stack->kernel[i]);
  }
  number = zc_number(number, stack->flags | (__u64)stack->probe << 32);
  if (!stack->tgid) return number;
  for (__u32 i = 0; i < ZC_STACK_USER; i++) {
    if (i >= stack->user_frames) break;
    number = zc_number(number, stack->user[i]);
  }
  __u64 sp = stack->registers[ZC_REG_SP], return_to = 0;
  bpf_probe_read_user(&return_to, sizeof return_to, (void*)sp);
  number = zc_number(number, return_to);
  number = zc_number(number, stack->user_frames ? stack->registers[ZC_REG_BP] - sp : sp);
  number = zc_number(number, stack->registers[ZC_REG_IP]);
  number = zc_number(number, stack->execs);
  return zc_number(number, stack->tgid);
}

__noinline int number_of_process(void) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  return number_for_userspace(BPF_CORE_READ(task, group_leader));
}

/* Puts it into the map if it is not there yet. Its number, or 0: it is lost. */
__noinline __u64 store_stack(__u32 slot, __u32 flags) {
  if (!keep_stacks) return 0;
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!stack) return 0;
  __u64 thread = bpf_get_current_pid_tgid();
  stack->flags = flags;
  stack->tgid = stack->user_frames = stack->memory_bytes = 0;
  if (!(flags & (ZC_STACK_SOFTIRQ | ZC_STACK_WORKER))) {
    struct task_struct* task = (struct task_struct*)bpf_get_current_task();
    stack->tgid = thread >> 32;
    stack->execs = BPF_CORE_READ(task, self_exec_id);
    if (read_registers(slot))
      walk_program(slot);
    else
      stack->flags |= ZC_STACK_COMPAT;
  }
  __u64 number = number_stack(slot);
  if (stack->thread != thread) return 0; /* another thread's hook was here meanwhile */
  if (bpf_map_lookup_elem(&stacks, &number)) return number;
  stack->t = bpf_ktime_get_ns();
  stack->pid = stack->tgid ? number_of_process() : 0;
  if (stack->tgid && !(stack->flags & ZC_STACK_COMPAT)) read_memory(slot);
  bpf_get_current_comm(stack->name, sizeof stack->name);
  if (bpf_map_update_elem(&stacks, &number, stack, BPF_ANY)) return 0;
  if (stack->thread == thread) return number;
  bpf_map_delete_elem(&stacks, &number);
  return 0;
}

__noinline int stack_is_due(void) {
  if (in_softirq()) {
    struct cpu_state* cpu = this_cpu();
    return cpu && cpu->due_bytes;
  }
  struct call* call = current_call();
  struct cpu_state* cpu = this_cpu();
  return (call && call->unstacked) || (cpu && cpu->due_bytes);
}

/* By whose hook it was counted. */
__noinline __u32 due_probe(__u32 slot) {
  struct call* call = slot ? 0 : current_call();
  struct cpu_state* cpu = this_cpu();
  return call && call->unstacked ? call->unstacked_by : cpu ? cpu->due_by : ZC_P_NONE;
}

/* What was copied since is accounted to the stack. */
__noinline int keep_stack(__u32 slot, __u32 flags) {
  if (!keep_stacks) return 0;
  struct call* call = slot ? 0 : current_call();
  struct cpu_state* cpu = this_cpu();
  if (call && call->in_worker) flags |= ZC_STACK_WORKER;
  if (!call) flags |= slot ? ZC_STACK_SOFTIRQ : ZC_STACK_WORKER;
  __u64 number = store_stack(slot, flags);
  if (!number) add_sum(ZC_SENDER, ZC_S_STACKS_LOST, 1);
  if (call && call->unstacked) {
    __u64 bytes = call->unstacked, calls = 1;
    call->unstacked = 0;
    for (int i = 0; i < ZC_COPIERS; i++)
      if (call->cost.by[i].bytes && call->cost.by[i].stack == number) calls = 0; /* counted already */
    if (number) add_copier(&call->cost, number, bytes, calls);
  }
  if (cpu && cpu->due_bytes) {
    if (number) account_copier(cpu->due_flow, cpu->due_generation, number, cpu->due_bytes, 1);
    cpu->due_bytes = 0;
  }
  return 0;
}

/* At the end of a hook that counts copies, whose context, or stack pointer, lies at `from`. Its own frames come first in the
 * kernel's part. */
static __always_inline int take_stack_from(void* ctx, __u64 from) {
  if (!keep_stacks || !stack_is_due()) return 0;
  __u32 slot = in_softirq() ? 1 : 0, flags = 0;
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!stack) return 0;
  stack->thread = bpf_get_current_pid_tgid();
  stack->probe = due_probe(slot);
  bool has_words = !slot && read_words(from, stack->probe);
  if (!has_words || !recall_stack(slot)) {
    long bytes = bpf_get_stack(ctx, stack->kernel, sizeof stack->kernel, 0);
    stack->kernel_frames = bytes > 0 ? bytes / sizeof stack->kernel[0] : 0;
    if (bytes <= 0) flags = ZC_STACK_FAILED;
    if (has_words) remember_stack(slot);
  }
  keep_stack(slot, flags);
  return 0;
}

static __always_inline int take_stack(void* ctx) { return take_stack_from(ctx, keep_stacks ? address_of(ctx) : 0); }

/* Of bytes that no hook saw being copied, but the call's result tells of. */
static __always_inline void take_stack_at_end(void) {
  __u32 slot = 0;
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!stack) return;
  stack->thread = bpf_get_current_pid_tgid();
  stack->probe = due_probe(slot);
  stack->kernel_frames = 0;
  keep_stack(slot, ZC_STACK_AT_END);
}
