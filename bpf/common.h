/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What every program needs: which target is running, sums, and records for the ring. */
#pragma once

#define TASK_STACK_BYTES 16384 /* THREAD_SIZE on x86-64 and arm64 */

/* Read, because the verifier computes with no pointer to a context. */
static __always_inline __u64 address_of(const void* ctx) {
  __u64 address = 0;
  bpf_probe_read_kernel(&address, sizeof address, &ctx);
  return address;
}

/* A softirq may interrupt, and processors may share a slot. 5.10 refuses to add a constant 0. */
static __always_inline void add(__u64* sum, __u64 n) {
  if (n) __sync_fetch_and_add(sum, n);
}

/* By thread: the processor's number would be written out by the verifier like a map's look-up. */
static __always_inline struct zc_counters* counters_here(void) {
  return &counters[bpf_get_current_pid_tgid() % ZC_COUNTER_SLOTS];
}

static __always_inline void add_sum(__u32 role, const __u32 sum, __u64 n) {
  add(&counters_here()->sums[role != ZC_SENDER][sum], n);
}

static __always_inline void add_lost(const __u32 kind) { add(&counters_here()->lost[kind], 1); }

/* Counts that a hook fires; in the self-test only. */
static __always_inline void count_hit(const __u32 probe) {
  if (counting_hits) add(&hits[probe], 1);
}

/* Where tasks preempt programs the kernel skips a program for every other task that comes to it on the same CPU
 * (bpf_prog::active). One that can keeps its CPU to its end: what may be preempted are its first instructions. */
extern void bpf_preempt_disable(void) __ksym __weak; /* since 6.10 (fc7566ad0a82) */
extern void bpf_preempt_enable(void) __ksym __weak;
static __always_inline int hold_cpu(void) {
  if (hold_cpus) bpf_preempt_disable();
  return 0;
}
static __always_inline void release_cpu(const int* held) {
  if (hold_cpus) bpf_preempt_enable();
}
#define HOLD_CPU int held __attribute__((cleanup(release_cpu), unused)) = hold_cpu()

/* Kernel memory by its type: plain loads, which give 0 where there is none, instead of a helper's call for each. */
extern void* bpf_rdonly_cast(const void* address, __u32 type) __ksym __weak; /* since 6.2 (a35b9af4ec2c) */
#define TYPED(TYPE, ADDRESS) ((struct TYPE*)bpf_rdonly_cast((const void*)(ADDRESS), bpf_core_type_id_kernel(struct TYPE)))
/* KERNEL(file, address, f_inode, i_mode): so where it can be, else by BPF_CORE_READ. */
#define KERNEL(TYPE, ADDRESS, ...)                               \
  (reads_types ? ___arrow(TYPED(TYPE, ADDRESS), __VA_ARGS__)     \
               : BPF_CORE_READ((struct TYPE*)(ADDRESS), __VA_ARGS__))

/* An argument of fentry or fexit by number. In assembly, because the compiler turns a choice between two of them into
 * one load at a computed offset, which the verifier refuses. */
#define ARGUMENT(CTX, N)                                                         \
  ({                                                                             \
    __u64 value;                                                                 \
    asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(value) : "r"(CTX), "i"((N)*8)); \
    value;                                                                       \
  })

/* fexit's result of a function that has FEWER arguments or one more, by kernel: the result comes after them. */
#define RESULT_AFTER(CTX, FEWER, ARITY) \
  ((__s64)((ARITY) == (FEWER) ? ARGUMENT(CTX, FEWER) : ARGUMENT(CTX, (FEWER) + 1)))

static __always_inline __u32 current_tid(void) { return (__u32)bpf_get_current_pid_tgid(); }
static __always_inline __u32 current_tgid(void) { return bpf_get_current_pid_tgid() >> 32; }

/* What is kept with the current task; null if that is nothing, or not done here. */
static __always_inline struct task_state* task_state(void) {
  return keep_with_tasks ? bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0) : 0;
}

static __always_inline struct known_target* known_in(struct task_state* task) {
  if (!task) return 0;
  barrier_var(task); /* or an address in it is computed before the look, which the verifier refuses */
  struct known_target* known = &task->known;
  return known->session == session && known->changes == target_changes ? known : 0;
}

static __always_inline void forget_known_target(void) {
  struct known_target* known = known_in(task_state());
  if (known) known->session = 0;
}

/* What `targets` has of the process, to be changed there. */
static __always_inline struct zc_target* target_of_process(void) {
  __u32 tgid = current_tgid();
  return bpf_map_lookup_elem(&targets, &tgid);
}

static __always_inline struct zc_target* target_in(struct task_state* task) {
  struct known_target* known = known_in(task);
  return known ? &known->target : target_of_process();
}
static __always_inline struct zc_target* current_target(void) { return target_in(task_state()); }

/* The same at a system call's entry, and remembers it. A run's targets change as they go. */
static __always_inline struct zc_target* target_of_caller(struct task_state* task) {
  struct known_target* known = known_in(task);
  if (known) return &known->target;
  __u32 changes = target_changes;
  struct zc_target* target = target_of_process();
  if (!target || !keep_with_tasks || !follow_programs) return target;
  if (!task) task = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!task) return target;
  task->known.target = *target;
  task->known.session = session;
  task->known.changes = changes;
  return target;
}

/* Of what was read of a name: does it begin so? */
static __always_inline bool begins_with(const char* name, const char* expected, const __u32 bytes) {
  for (__u32 i = 0; i < bytes; i++)
    if (name[i] != expected[i]) return false;
  return true;
}

static __always_inline bool window_is_open(void) { return window == ZC_WINDOW_TRANSFER || window == ZC_WINDOW_DRAIN; }

/* Is the target inside its part of the window? The sender is until its last byte is written, the receiver until it has
 * read everything. */
static __always_inline bool is_active(const struct zc_target* target) {
  if (target->stage != ZC_MOVING) return false;
  return window == ZC_WINDOW_TRANSFER || (window == ZC_WINDOW_DRAIN && target->role == ZC_RECEIVER);
}

static __always_inline struct zc_target* active_target(void) {
  struct zc_target* target = current_target();
  return target && is_active(target) ? target : 0;
}

/* Of the current task; each processor's idle task is one of its own. */
static __always_inline __u64 key_of_task(void) {
  __u32 tid = current_tid();
  return tid ? tid : 1ull << 32 | bpf_get_smp_processor_id();
}

/* What this processor is in the middle of, on a real-time kernel the current task: null there if that is nothing. */
static __always_inline struct cpu_state* this_cpu(void) {
  if (real_time) {
    __u64 task = key_of_task();
    return bpf_map_lookup_elem(&states_of_tasks, &task);
  }
  __u32 zero = 0;
  return bpf_map_lookup_elem(&cpus, &zero);
}

static const struct cpu_state no_state = {}; /* a program's stack is too small for one */

/* The same, to note what begins. */
static __always_inline struct cpu_state* this_cpu_to_set(void) {
  struct cpu_state* state = this_cpu();
  if (!real_time || state) return state;
  __u64 task = key_of_task();
  bpf_map_update_elem(&states_of_tasks, &task, &no_state, BPF_ANY);
  return bpf_map_lookup_elem(&states_of_tasks, &task);
}

static __always_inline bool in_softirq(void) {
  struct cpu_state* cpu = this_cpu();
  return cpu && cpu->softirq_depth && cpu->softirq_task == bpf_get_current_pid_tgid();
}

/* The thread's entry, open or not; null if it has none. `task`: its task_state(). */
static __always_inline struct call* find_call_in(struct task_state* task) {
  if (keep_with_tasks) {
    if (!task) return 0;
    barrier_var(task); /* as in known_in */
    return task->call.session == session ? &task->call : 0;
  }
  __u32 tid = current_tid();
  return bpf_map_lookup_elem(&calls, &tid);
}
static __always_inline struct call* find_call_of_thread(void) { return find_call_in(task_state()); }

/* The request that the thread works on, else its system call. */
static __always_inline struct call* current_call(void) {
  struct call* call = find_call_of_thread();
  if (!call) return 0;
  if (follow_requests && call->request) {
    __u64 request = call->request;
    return bpf_map_lookup_elem(&async_calls, &request);
  }
  return call->is_open ? call : 0;
}

static __always_inline struct call* system_call_in(struct task_state* task) {
  struct call* call = find_call_in(task);
  return call && call->is_open ? call : 0;
}
static __always_inline struct call* current_system_call(void) { return system_call_in(task_state()); }

/* A thread keeps its entry from call to call: making one costs more than all else at a call's entry. */
static __always_inline struct call* call_in(struct task_state* task) {
  if (keep_with_tasks) {
    if (!task) task = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!task) return 0;
    if (task->call.session == session) return &task->call;
    __builtin_memset(&task->call, 0, __builtin_offsetof(struct call, session));
    task->call.session = session;
    return &task->call;
  }
  __u32 tid = current_tid(), zero = 0;
  struct call* call = bpf_map_lookup_elem(&calls, &tid);
  if (!call) {
    const struct call* none = bpf_map_lookup_elem(&no_call, &zero);
    if (!none || bpf_map_update_elem(&calls, &tid, none, BPF_ANY)) return 0;
    call = bpf_map_lookup_elem(&calls, &tid);
  }
  return call;
}
static __always_inline struct call* call_of_thread(void) { return call_in(task_state()); }

/* Nothing is taken from what a plain one sets but its faults: between such calls there is nothing to be set anew. */
static __always_inline struct call* open_call(struct task_state* task, bool plain) {
  struct call* call = call_in(task);
  if (!call) return 0;
  if (!plain || call->is_dirty) __builtin_memset(call, 0, __builtin_offsetof(struct call, session));
  call->is_dirty = !plain;
  call->is_plain = plain;
  call->faults = 0;
  call->is_open = 1;
  return call;
}

/* Into a socket with kernel TLS: what TCP is given there are records. */
static __always_inline bool sends_tls(const struct call* call) { return call && call->tls && call->tls_sends; }

/* Where what is done for a call is done. */
static __always_inline __u8 context_of(const struct call* call) {
  return call && !call->in_worker ? ZC_SYSCALL : ZC_WORKER;
}

/* Where an event happens that belongs to no call by itself. */
static __always_inline __u8 context_here(void) {
  return in_softirq() ? ZC_SOFTIRQ : active_target() ? ZC_SYSCALL : ZC_WORKER;
}

/* A traced socket. Of followed programs' other sockets than TCP's no end is reported (inet_sock_set_state): their memory
 * may be another's by now, with another file. */
static __always_inline struct traced_socket* socket_of(__u64 sk) {
  struct traced_socket* socket = sk ? bpf_map_lookup_elem(&sockets, &sk) : 0;
  if (!socket || !follow_programs || KERNEL(sock, sk, sk_protocol) == IPPROTO_TCP) return socket;
  return KERNEL(sock, sk, sk_socket, file, f_inode, i_ino) == socket->ino ? socket : 0;
}

/* The role of a socket whose work is being counted; ZC_ROLES if it is none of ours or the window is shut. */
static __always_inline __u32 role_of_socket(__u64 sk) {
  if (!window_is_open()) return ZC_ROLES;
  struct traced_socket* socket = socket_of(sk);
  return socket ? socket->role : ZC_ROLES;
}

/* Are there still to be any of which single ones are kept? */
static __always_inline bool keeps_events(void) { return !follow_programs || detail.emitted < detail_events; }

static __always_inline void leave_out(__u32 kind) { add(&counters_here()->left_out[kind], 1); }

/* Is this event in the part of which single ones are kept? */
static __always_inline bool is_detailed(__u32 kind) {
  if (!follow_programs) return true;
  if (keeps_events() && bpf_ktime_get_ns() < detail_until) {
    __sync_fetch_and_add(&detail.emitted, 1);
    return true;
  }
  leave_out(kind);
  return false;
}

/* A record in the ring, or a count of its loss. `bytes` is ZC_RECORD_SHORT or the whole record. */
static __always_inline struct zc_record* new_record(__u32 kind, __u32 role, const __u64 bytes) {
  if (!is_detailed(kind)) return 0;
  struct zc_record* record = bpf_ringbuf_reserve(&records, bytes, 0);
  if (!record) {
    add_lost(kind);
    return 0;
  }
  __builtin_memset(record, 0, ZC_RECORD_SHORT);
  record->kind = kind;
  record->role = role;
  record->t = bpf_ktime_get_ns();
  record->tid = current_tid();
  record->cpu = bpf_get_smp_processor_id();
  return record;
}

/* Waking the consumer costs more than everything else here, and each wake-up is a context switch that would be
 * recorded in turn: it looks by itself, by time. */
static __always_inline void submit(struct zc_record* record) { bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP); }

static __always_inline void mark(__u32 role, __u32 which, __u64 now) {
  struct zc_record* record = new_record(ZC_K_MARK, role, ZC_RECORD_SHORT);
  if (!record) return;
  record->t = now;
  record->probe = which;
  submit(record);
}
