#include "userspace/capture/probes.h"

namespace zctrace::capture {

namespace {

// Gone since 5.14, where its successors advance the iterator: tells the two families of leaves apart.
constexpr const char* kOldIterators = "iov_iter_copy_from_user_atomic";

// Since 5.17: a program that names it does not load before.
constexpr const char* kFindsAreas = "bpf_find_vma";

using enum Kind;

const std::vector<Probe> kProbes = {
    // id, program, kind, target, layer, provoked, only_with, not_with
    {ZC_P_COPY_TO_ITER, "break_copy_to_iter", breakpoint, "_copy_to_iter", Layer::leaf, true, "", ""},
    {ZC_P_COPY_FROM_ITER, "break_copy_from_iter", breakpoint, "_copy_from_iter", Layer::leaf, true, "", kOldIterators},
    {ZC_P_COPY_PAGE_FROM_ITER_ATOMIC, "break_copy_page_from_iter_atomic", breakpoint, "copy_page_from_iter_atomic",
     Layer::leaf, true, "", ""},
    {ZC_P_COPY_FOLIO_FROM_ITER_ATOMIC, "break_copy_folio_from_iter_atomic", breakpoint, "copy_folio_from_iter_atomic",
     Layer::leaf, true, "", ""},
    {ZC_P_OLD_COPY_PAGE_TO_ITER, "break_old_copy_page_to_iter", breakpoint, "copy_page_to_iter", Layer::leaf, true,
     kOldIterators, ""},
    {ZC_P_OLD_COPY_FROM_ITER_FULL, "break_old_copy_from_iter_full", breakpoint, "_copy_from_iter_full", Layer::leaf,
     true, kOldIterators, "", Sink::other},
    {ZC_P_OLD_COPY_FROM_USER_ATOMIC, "break_old_copy_from_user_atomic", breakpoint, kOldIterators, Layer::leaf, true,
     "", ""},
    {ZC_P_OLD_COPY_PAGE_FROM_ITER, "break_old_copy_page_from_iter", breakpoint, "copy_page_from_iter", Layer::leaf,
     true, kOldIterators, "", Sink::pipe},

    {ZC_P_SKB_COPY_BITS, "leaf_skb_copy_bits", fentry, "skb_copy_bits", Layer::socket_buffer, true, "", ""},
    {ZC_P_SKB_COPY_AND_CSUM_BITS, "leaf_skb_copy_and_csum_bits", fentry, "skb_copy_and_csum_bits", Layer::socket_buffer,
     false, "", ""},
    {ZC_P_SKB_COPY_UBUFS, "leaf_skb_copy_ubufs", fentry, "skb_copy_ubufs", Layer::socket_buffer, true, "", ""},
    {ZC_P_SKB_STORE_BITS, "leaf_skb_store_bits", fentry, "skb_store_bits", Layer::socket_buffer, false, "", ""},

    {ZC_P_SKB_SEGMENT, "enter_skb_segment", fentry, "skb_segment", Layer::frame, true, "", ""},
    {ZC_P_SKB_SEGMENT, "leave_skb_segment", fexit, "skb_segment", Layer::frame, true, "", ""},
    {ZC_P_PSKB_PULL_TAIL, "enter_pskb_pull_tail", fentry, "__pskb_pull_tail", Layer::frame, true, "", ""},
    {ZC_P_PSKB_PULL_TAIL, "leave_pskb_pull_tail", fexit, "__pskb_pull_tail", Layer::frame, true, "", ""},

    {ZC_P_FILEMAP_READ, "sum_filemap_read", fexit, "filemap_read", Layer::sum, true, "", ""},
    {ZC_P_GENERIC_FILE_BUFFERED_READ, "sum_generic_file_buffered_read", fexit, "generic_file_buffered_read", Layer::sum,
     true, "", "filemap_read"},
    {ZC_P_SHMEM_FILE_READ_ITER, "sum_shmem_file_read_iter", fexit, "shmem_file_read_iter", Layer::sum, true, "", ""},
    {ZC_P_SKB_COPY_DATAGRAM_ITER, "sum_skb_copy_datagram_iter", fexit, "skb_copy_datagram_iter", Layer::sum, true, "",
     ""},
    {ZC_P_SKB_COPY_DATAGRAM_FROM_ITER, "sum_skb_copy_datagram_from_iter", fexit, "skb_copy_datagram_from_iter",
     Layer::sum, false, "", ""},
    {ZC_P_SEQ_READ_ITER, "sum_seq_read_iter", fexit, "seq_read_iter", Layer::sum, false, "", ""},
    {ZC_P_GET_RANDOM_BYTES_USER, "sum_get_random_bytes_user", fexit, "get_random_bytes_user", Layer::sum, false, "",
     ""},
    {ZC_P_IP_GENERIC_GETFRAG, "sum_ip_generic_getfrag", fexit, "ip_generic_getfrag", Layer::sum, false, "", ""},
    {ZC_P_IOMAP_FILE_BUFFERED_WRITE, "sum_iomap_file_buffered_write", fexit, "iomap_file_buffered_write", Layer::sum,
     false, "", ""},
    {ZC_P_TCP_SENDMSG_LOCKED, "frame_tcp_sendmsg_locked", fentry, "tcp_sendmsg_locked", Layer::sum, true, "", ""},
    {ZC_P_TCP_SENDMSG_LOCKED, "sum_tcp_sendmsg_locked", fexit, "tcp_sendmsg_locked", Layer::sum, true, "", ""},
    {ZC_P_PIPE_READ, "sum_pipe_read", fexit, "pipe_read", Layer::sum, true, "", "anon_pipe_read"},
    {ZC_P_PIPE_WRITE, "sum_pipe_write", fexit, "pipe_write", Layer::sum, true, "", "anon_pipe_write"},
    {ZC_P_PIPE_READ, "sum_anon_pipe_read", fexit, "anon_pipe_read", Layer::sum, true, "", ""},
    {ZC_P_PIPE_WRITE, "sum_anon_pipe_write", fexit, "anon_pipe_write", Layer::sum, true, "", ""},
    {ZC_P_GENERIC_PERFORM_WRITE, "sum_generic_perform_write", fexit, "generic_perform_write", Layer::sum, true, "", ""},

    {ZC_P_FILEMAP_SPLICE_READ, "ref_filemap_splice_read", fexit, "filemap_splice_read", Layer::reference, true, "", ""},
    {ZC_P_GENERIC_FILE_SPLICE_READ, "ref_generic_file_splice_read", fexit, "generic_file_splice_read", Layer::reference,
     true, "", "filemap_splice_read"},
    {ZC_P_SKB_SPLICE_FROM_ITER, "ref_skb_splice_from_iter", fexit, "skb_splice_from_iter", Layer::reference, true, "",
     ""},
    {ZC_P_DO_TCP_SENDPAGES, "ref_do_tcp_sendpages", fexit, "do_tcp_sendpages", Layer::reference, true, "", ""},
    {ZC_P_SKB_ZEROCOPY_ITER_STREAM, "ref_skb_zerocopy_iter_stream", fexit, "skb_zerocopy_iter_stream", Layer::reference,
     true, "", ""},
    {ZC_P_DO_TEE, "ref_do_tee", fexit, "do_tee", Layer::reference, true, "", ""},
    {ZC_P_DO_SPLICE, "ref_do_splice", fexit, "do_splice", Layer::reference, true, "", ""},

    {ZC_P_SYS_ENTER, "sys_enter", perf_tracepoint, "sys_enter", Layer::event, true, kFindsAreas, ""},
    {ZC_P_SYS_EXIT, "sys_exit", perf_tracepoint, "sys_exit", Layer::event, true, kFindsAreas, ""},
    {ZC_P_SYS_ENTER, "sys_enter_before_5_17", perf_tracepoint, "sys_enter", Layer::event, true, "", kFindsAreas},
    {ZC_P_SYS_EXIT, "sys_exit_before_5_17", perf_tracepoint, "sys_exit", Layer::event, true, "", kFindsAreas},
    {ZC_P_PAGE_FAULT_USER, "page_fault_user", tracepoint, "page_fault_user", Layer::event, true, "", ""},
    {ZC_P_PAGE_FAULT_KERNEL, "page_fault_kernel", tracepoint, "page_fault_kernel", Layer::event, true, "", ""},
    {ZC_P_SCHED_SWITCH, "sched_switch", tracepoint, "sched_switch", Layer::event, true, "", ""},
    {ZC_P_SOFTIRQ_ENTRY, "softirq_entry", tracepoint, "softirq_entry", Layer::event, true, "", ""},
    {ZC_P_SOFTIRQ_EXIT, "softirq_exit", tracepoint, "softirq_exit", Layer::event, true, "", ""},
    {ZC_P_BLOCK_RQ_ISSUE, "block_rq_issue", tracepoint, "block_rq_issue", Layer::event, true, "", ""},
    {ZC_P_BLOCK_RQ_COMPLETE, "block_rq_complete", tracepoint, "block_rq_complete", Layer::event, true, "", ""},
    {ZC_P_NET_DEV_START_XMIT, "net_dev_start_xmit", tracepoint, "net_dev_start_xmit", Layer::event, true, "", ""},
    {ZC_P_SKB_COPY_DATAGRAM_IOVEC, "skb_copy_datagram_iovec", tracepoint, "skb_copy_datagram_iovec", Layer::receiver,
     true, "", ""},

    {ZC_P_SCHED_PROCESS_FORK, "sched_process_fork", tracepoint, "sched_process_fork", Layer::process, false, "", ""},
    {ZC_P_SCHED_PROCESS_EXEC, "sched_process_exec", tracepoint, "sched_process_exec", Layer::process, false, "", ""},
    {ZC_P_SCHED_PROCESS_EXIT, "sched_process_exit", tracepoint, "sched_process_exit", Layer::process, false, "", ""},
    {ZC_P_INET_SOCK_SET_STATE, "inet_sock_set_state", tracepoint, "inet_sock_set_state", Layer::process, false, "", ""},
    {ZC_P_IOMAP_DIO_RW, "dio_iomap_dio_rw", fentry, "__iomap_dio_rw", Layer::direct, false, "", ""},
};

}  // namespace

const std::vector<Probe>& probes() { return kProbes; }

const char* name_of(zc_probe id) {
  if (id == ZC_P_MMAP) return "mmap";
  for (const Probe& probe : kProbes)
    if (probe.id == id) return probe.target;
  return "";
}

const char* text_of(Kind kind) {
  switch (kind) {
    case breakpoint:
      return "breakpoint";
    case fentry:
      return "fentry";
    case fexit:
      return "fexit";
    case tracepoint:
    case perf_tracepoint:
      return "tracepoint";
  }
  return "";
}

}  // namespace zctrace::capture
