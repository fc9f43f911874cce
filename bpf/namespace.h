/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A process has a number in each PID namespace from the kernel's first one to its own. Hooks know it by the first;
 * userspace in a container knows another. */
#pragma once

#define MAX_PID_NS_LEVEL 32

/* The number that a process has in the namespace of our userspace; 0: none. */
static __always_inline __u32 number_for_userspace(struct task_struct* task) {
  struct pid* pid = BPF_CORE_READ(task, thread_pid);
  __u64 numbers = (__u64)pid + bpf_core_field_offset(struct pid, numbers);
  __u32 last = pid ? BPF_CORE_READ(pid, level) : 0;
  for (__u32 level = 0; level <= MAX_PID_NS_LEVEL; level++) {
    if (!pid || level > last) break;
    struct upid* number = (void*)(numbers + level * bpf_core_type_size(struct upid));
    if (BPF_CORE_READ(number, ns, ns.inum) == pid_namespace) return BPF_CORE_READ(number, nr);
  }
  return 0;
}
