/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is handed to the network device, and how it lay in the buffer: linear, or in page fragments. */

/* What it cannot do that makes the kernel copy, and whether it is one at all: enum zc_why. */
static __always_inline __u64 facts_of_device(struct net_device* device) {
  __u64 features = KERNEL(net_device, device, features);
  return (KERNEL(net_device, device, flags) & IFF_LOOPBACK ? ZC_IS_LOOPBACK : 0) |
         (features & NETIF_F_SG ? 0 : ZC_NO_SCATTER_GATHER) | (features & NETIF_F_CSUM_MASK ? 0 : ZC_NO_CHECKSUM);
}

SEC("raw_tp/net_dev_start_xmit")
int net_dev_start_xmit(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_net_dev_start_xmit);
  struct sk_buff* skb = (void*)ctx->args[0];
  struct owner owner = {.sk = owner_of_skb(skb)};
  __u32 role = role_of_socket(owner.sk);
  if (role != ZC_SENDER) return 0;
  __s64 length = KERNEL(sk_buff, skb, len), paged = KERNEL(sk_buff, skb, data_len), headers = payload_offset(skb, owner.sk);
  if (headers < 0 || headers > length) return 0;
  __s64 linear = length - paged > headers ? length - paged - headers : 0;
  __s64 payload = length - headers;
  paged = payload - linear;
  add_sum(role, ZC_S_HEADERS, headers);
  if (!payload) return 0;
  add_sum(role, ZC_S_PACKETS, 1);
  if (linear) add_sum(role, ZC_S_LINEAR, linear);
  if (paged) add_sum(role, ZC_S_PAGED, paged);
  struct net_device* device = (void*)ctx->args[1];
  __u32 by = !follow_programs ? nic_by : KERNEL(net_device, device, dev.parent) ? ZC_DMA : ZC_REFERENCE;
  struct zc_edge edge = {.role = role,
                         .from = ZC_SOCKET_BUFFER,
                         .to = ZC_NIC,
                         .by = by,
                         .probe = ZC_P_net_dev_start_xmit,
                         .mechanism = ZC_EVENT,
                         .context = context_here()};
  add_to_ledger(&edge, payload);
  if (follow_programs) {
    struct zc_flow more = {.sent_bytes = payload,
                           .sent_linear = linear,
                           .sent_dma = by == ZC_DMA ? payload : 0,
                           .cost = {.why = facts_of_device(device)},
                           .last = bpf_ktime_get_ns()};
    find_sequence(&owner, skb, 0);
    account_socket(&owner, &more);
  }
  struct zc_record* record = new_record(ZC_K_TRANSMIT, role, ZC_RECORD_SHORT);
  if (!record) return 0;
  struct skb_shared_info* shared = (void*)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));
  __u32 segments = BPF_CORE_READ(shared, gso_segs);
  record->count = segments ? segments : 1;
  record->result = headers;
  record->bytes = linear;
  record->bytes2 = paged;
  submit(record);
  return 0;
}

#define NR_IO_URING_ENTER 426

/* In io_uring_enter or in one of io_uring's threads; not in a call that began before tracing did. */
static __always_inline bool in_io_uring(const struct call* call) {
  if (call) return call->nr == NR_IO_URING_ENTER;
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  return BPF_CORE_READ(task, flags) & PF_IO_WORKER;
}

/* The receiver's copies, also on kernels that allow tracepoints only: the length that skb_copy_datagram_iter is about
 * to copy to the reader. */
SEC("raw_tp/skb_copy_datagram_iovec")
int skb_copy_datagram_iovec(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_skb_copy_datagram_iovec);
  struct zc_target* target = active_target();
  if (!target || in_softirq()) return 0;
  struct call* call = current_call();
  const bool uring = in_io_uring(call);
  struct zc_edge edge = {.role = target->role,
                         .from = ZC_SOCKET_BUFFER,
                         .to = ZC_USER_BUFFER,
                         .by = ZC_CPU,
                         .probe = ZC_P_skb_copy_datagram_iovec,
                         .mechanism = ZC_LEAF,
                         .context = uring ? context_of(call) : ZC_SYSCALL};
  if (uring)
    add_to_ledger(&edge, (int)ctx->args[1]); /* whose request it is, its completion tells: account_inferred */
  else
    account_move(&edge, call, (int)ctx->args[1]);
  return 0;
}
