/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The least that a tracer of one program's system calls can do: on both hooks of each call, look the task up and return. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u32);
  __type(value, __u64);
} tasks SEC(".maps");

static __always_inline int look_up(void) {
  __u32 task = (__u32)bpf_get_current_pid_tgid();
  __u64* calls = bpf_map_lookup_elem(&tasks, &task);
  if (calls) *calls += 1; /* or the look-up would be optimised away */
  return 0; /* perf's own work for its event would be on top */
}

/* On the same hooks as zctrace's own: floor.c chooses. */
SEC("raw_tp/sys_enter")
int floor_enter(void* ctx) {
  (void)ctx;
  return look_up();
}

SEC("raw_tp/sys_exit")
int floor_exit(void* ctx) {
  (void)ctx;
  return look_up();
}

SEC("tp/raw_syscalls/sys_enter")
int floor_enter_by_perf(void* ctx) {
  (void)ctx;
  return look_up();
}

SEC("tp/raw_syscalls/sys_exit")
int floor_exit_by_perf(void* ctx) {
  (void)ctx;
  return look_up();
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
