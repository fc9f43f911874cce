/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* CPU time of the threads that move payload: from their gate to their end, without the time they are switched out.
 * One reading of the clock serves all that happens at an instant, so that times on and off the CPU add up. */
#pragma once

static __always_inline void stop_clock(struct zc_target* target, __u32 tid, __u64 now) {
  __u64* since = bpf_map_lookup_elem(&on_cpus, &tid);
  if (!since) return;
  if (*since) {
    add_sum(target->role, ZC_S_ON_CPU_NS, now - *since);
  } else {
    add_sum(target->role, ZC_S_SCHED_IN_UNSEEN, 1);
    if (bpf_map_delete_elem(&off_cpus, &tid) == 0) add_lost(ZC_K_OFF_CPU);
  }
  *since = 0;
}

static __always_inline void start_clock(__u64 now) {
  __u32 tid = current_tid();
  bpf_map_update_elem(&on_cpus, &tid, &now, BPF_ANY);
}

static __always_inline void end_clock(struct zc_target* target, __u64 now) {
  __u32 tid = current_tid();
  stop_clock(target, tid, now);
  bpf_map_delete_elem(&on_cpus, &tid);
}
