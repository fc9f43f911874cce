/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The hooks: a row of this table and a BPF program each. The table gives enum zc_probe here and userspace's table in
 * userspace/capture/probes.cpp; kind and target of a hook are what its program's SEC() says.
 *
 * HOOK(program, layer, self-test, when, sink)
 *   program    in bpf/; its number is ZC_P_<program>
 *   layer      what it is for: userspace/capture/probes.h. A capture mode takes whole layers.
 *   self-test  provoked: the self-test must see it fire; unprovoked: the self-test does not reach it
 *   when       always, or with(FEATURE) or without(FEATURE) of userspace/capture/features.def, or of_both of these
 *   A row of layer second_run stands before the hook that it helps: the kernel runs the program attached last first.
 *   sink       any, pipe or other: what the sender writes to. There are four debug registers; a leaf that only one of
 *              these needs is watched for it alone.
 */
#pragma once

#define ZC_HOOKS(HOOK)                                                                                           \
  /* breakpoints on the iterator leaves */                                                                       \
  HOOK(break_copy_to_iter, leaf, provoked, always, any)                                                          \
  HOOK(break_copy_from_iter, leaf, provoked, with(advancing_iterators), any)                                     \
  HOOK(break_copy_page_from_iter_atomic, leaf, provoked, always, any)                                            \
  HOOK(break_copy_folio_from_iter_atomic, leaf, provoked, always, any)                                           \
  HOOK(break_old_copy_page_to_iter, leaf, provoked, without(advancing_iterators), any)                           \
  HOOK(break_old_copy_from_iter_full, leaf, provoked, without(advancing_iterators), other)                       \
  HOOK(break_old_copy_from_user_atomic, leaf, provoked, always, any)                                             \
  HOOK(break_old_copy_page_from_iter, leaf, provoked, without(advancing_iterators), pipe)                        \
  /* the socket-buffer leaves */                                                                                 \
  HOOK(leaf_skb_copy_bits_within, second_run, provoked, always, any)                                             \
  HOOK(leaf_skb_copy_bits, socket_buffer, provoked, always, any)                                                 \
  HOOK(leaf_skb_copy_and_csum_bits, socket_buffer, unprovoked, always, any)                                      \
  HOOK(leaf_skb_copy_ubufs, socket_buffer, provoked, always, any)                                                \
  HOOK(leaf_skb_store_bits, socket_buffer, unprovoked, always, any)                                              \
  /* frames that give the leaves their owner and their reason */                                                 \
  HOOK(enter_skb_segment, frame, provoked, always, any)                                                          \
  HOOK(leave_skb_segment, frame, provoked, always, any)                                                          \
  HOOK(enter_pskb_pull_tail, frame, provoked, always, any)                                                       \
  HOOK(leave_pskb_pull_tail, frame, provoked, always, any)                                                       \
  HOOK(enter_skb_try_coalesce_within, second_run, unprovoked, always, any)                                       \
  HOOK(enter_skb_try_coalesce, frame, unprovoked, always, any)                                                   \
  HOOK(leave_skb_try_coalesce_within, second_run, unprovoked, always, any)                                       \
  HOOK(leave_skb_try_coalesce, frame, unprovoked, always, any)                                                   \
  HOOK(enter_tcp_add_backlog, frame, unprovoked, always, any)                                                    \
  HOOK(leave_tcp_add_backlog, frame, unprovoked, always, any)                                                    \
  /* the all-ftrace sum */                                                                                       \
  HOOK(sum_filemap_read, sum, provoked, always, any)                                                             \
  HOOK(sum_generic_file_buffered_read, sum, provoked, without(filemap_read), any)                                \
  HOOK(sum_shmem_file_read_iter, sum, provoked, always, any)                                                     \
  HOOK(sum_skb_copy_datagram_iter, sum, provoked, always, any)                                                   \
  HOOK(announce_skb_copy_datagram_iter, announced, provoked, always, any)                                        \
  HOOK(sum_skb_copy_datagram_from_iter, sum, unprovoked, always, any)                                            \
  HOOK(sum_seq_read_iter, sum, unprovoked, always, any)                                                          \
  HOOK(sum_get_random_bytes_user, sum, unprovoked, always, any)                                                  \
  HOOK(sum_ip_generic_getfrag, sum, unprovoked, always, any)                                                     \
  HOOK(sum_iomap_file_buffered_write, sum, unprovoked, always, any)                                              \
  HOOK(frame_tcp_sendmsg_locked, frame, provoked, always, any)                                                   \
  HOOK(sum_tcp_sendmsg_locked, sum, provoked, always, any)                                                       \
  HOOK(sum_pipe_read, sum, provoked, without(anonymous_pipe_functions), any)                                     \
  HOOK(sum_pipe_write, sum, provoked, without(anonymous_pipe_functions), any)                                    \
  HOOK(sum_anon_pipe_read, sum, provoked, always, any)                                                           \
  HOOK(sum_anon_pipe_write, sum, provoked, always, any)                                                          \
  HOOK(sum_generic_perform_write, sum, provoked, always, any)                                                    \
  HOOK(frame_udp_recvmsg, frame, unprovoked, always, any)                                                        \
  HOOK(sum_udp_recvmsg, sum, unprovoked, always, any)                                                            \
  HOOK(frame_udpv6_recvmsg, frame, unprovoked, always, any)                                                      \
  HOOK(sum_udpv6_recvmsg, sum, unprovoked, always, any)                                                          \
  HOOK(sum_mptcp_sendmsg, sum, unprovoked, always, any)                                                          \
  HOOK(sum_netlink_sendmsg, sum, unprovoked, always, any)                                                        \
  HOOK(sum_btrfs_buffered_write, sum, unprovoked, always, any)                                                   \
  HOOK(sum_hugetlbfs_read_iter, sum, unprovoked, always, any)                                                    \
  HOOK(frame_kernfs_fop_read_iter, frame, unprovoked, always, any)                                               \
  HOOK(sum_kernfs_fop_read_iter, sum, unprovoked, always, any)                                                   \
  HOOK(frame_copy_splice_read, frame, unprovoked, always, any)                                                   \
  HOOK(sum_tty_read, sum, unprovoked, always, any)                                                               \
  HOOK(sum_tty_write, sum, unprovoked, always, any)                                                              \
  HOOK(leaf_n_tty_read, sum, unprovoked, always, any)                                                            \
  HOOK(leaf_tty_insert_flip_string_and_push_buffer, sum, unprovoked, always, any)                                \
  /* references: pages passed along */                                                                           \
  HOOK(ref_filemap_splice_read, reference, provoked, always, any)                                                \
  HOOK(ref_shmem_file_splice_read, reference, unprovoked, always, any)                                           \
  HOOK(ref_generic_file_splice_read, reference, provoked, without(splice_without_iterators), any)                \
  HOOK(ref_skb_splice_from_iter, reference, provoked, always, any)                                               \
  HOOK(ref_do_tcp_sendpages, reference, provoked, always, any)                                                   \
  HOOK(ref_skb_zerocopy_iter_stream, reference, provoked, always, any)                                           \
  HOOK(ref_do_tee, reference, provoked, always, any)                                                             \
  HOOK(ref_do_splice, reference, provoked, always, any)                                                          \
  HOOK(ref_skb_splice_bits, reference, unprovoked, always, any)                                                  \
  HOOK(ref_unix_stream_sendpage, reference, unprovoked, always, any)                                             \
  /* tracepoints */                                                                                              \
  HOOK(sys_enter, call, provoked, of_both(with(bpf_find_vma), without(preempted_raw_tracepoints)), any)          \
  HOOK(sys_enter_by_perf, call, provoked, of_both(with(bpf_find_vma), with(preempted_raw_tracepoints)), any)     \
  HOOK(sys_exit, call, provoked, of_both(with(bpf_find_vma), without(preempted_raw_tracepoints)), any)           \
  HOOK(sys_exit_by_perf, call, provoked, of_both(with(bpf_find_vma), with(preempted_raw_tracepoints)), any)      \
  HOOK(sys_enter_before_5_17, call, provoked, without(bpf_find_vma), any)                                        \
  HOOK(sys_exit_before_5_17, call, provoked, without(bpf_find_vma), any)                                         \
  HOOK(page_fault_user, fault, provoked, always, any)                                                            \
  HOOK(page_fault_kernel, fault, provoked, always, any)                                                          \
  HOOK(sched_switch, sched, provoked, always, any)                                                               \
  HOOK(softirq_entry, softirq, provoked, always, any)                                                            \
  HOOK(softirq_exit, softirq, provoked, always, any)                                                             \
  HOOK(block_rq_issue, disk, provoked, always, any)                                                              \
  HOOK(block_rq_complete, disk, provoked, always, any)                                                           \
  HOOK(block_bio_queue, disk, unprovoked, always, any)                                                           \
  HOOK(swiotlb_bounced, disk, unprovoked, with(swiotlb), any)                                                    \
  HOOK(net_dev_start_xmit, transmit, provoked, always, any)                                                      \
  HOOK(skb_copy_datagram_iovec, receiver, provoked, always, any)                                                 \
  /* only for programs that are followed */                                                                      \
  HOOK(sched_process_fork, process, unprovoked, always, any)                                                     \
  HOOK(sched_process_exec, process, unprovoked, always, any)                                                     \
  HOOK(sched_process_exit, process, unprovoked, always, any)                                                     \
  HOOK(sched_process_exit_within, process, unprovoked, always, any)                                              \
  HOOK(cgroup_attach_task, process, unprovoked, always, any)                                                     \
  HOOK(inet_sock_set_state, process, unprovoked, always, any)                                                    \
  HOOK(inet_sock_set_state_within, process, unprovoked, always, any)                                                    \
  HOOK(disk_bdev_read_page, memory_disk, unprovoked, always, any)                                                     \
  HOOK(leave_vfs_rename, rename, unprovoked, always, any)                                                        \
  /* kernel TLS: into its records, and through its cipher; of a run only where the method uses it */                                                     \
  HOOK(tls_sk_msg_memcopy_from_iter, tls, unprovoked, always, any)                                               \
  HOOK(tls_sk_msg_zerocopy_from_iter, tls, unprovoked, always, any)                                              \
  HOOK(tls_sock_sendmsg, tls, unprovoked, with(splice_without_iterators), any)                                   \
  HOOK(tls_kernel_sendpage, tls, unprovoked, without(splice_without_iterators), any)                             \
  HOOK(tls_encrypt, tls, unprovoked, always, any)                                                                \
  HOOK(tls_encrypted, tls, unprovoked, always, any)                                                              \
  HOOK(tls_decrypt, tls, unprovoked, always, any)                                                                \
  HOOK(tls_decrypted, tls, unprovoked, always, any)                                                              \
  /* copies of a JVM's own: at its probes in libjvm.so, where one is followed */                                 \
  HOOK(jvm_set_byte_array_region, jvm, unprovoked, always, any)                                                  \
  HOOK(jvm_get_byte_array_region, jvm, unprovoked, always, any)                                                  \
  /* requests of libaio and io_uring */                                                                         \
  HOOK(aio_enter_read, request, unprovoked, always, any)                                                         \
  HOOK(aio_leave_read, request, unprovoked, always, any)                                                         \
  HOOK(aio_enter_write, request, unprovoked, with(bpf_find_vma), any)                                            \
  HOOK(aio_enter_write_before_5_17, request, unprovoked, without(bpf_find_vma), any)                             \
  HOOK(aio_leave_write, request, unprovoked, always, any)                                                        \
  HOOK(aio_completed, request, unprovoked, with(bpf_find_vma), any)                                              \
  HOOK(aio_completed_before_5_17, request, unprovoked, without(bpf_find_vma), any)                               \
  HOOK(uring_submit, submission, unprovoked, with(uring_tells_submission), any)                                  \
  HOOK(uring_complete, completion, unprovoked, with(uring_tells_request), any)                                     \
  HOOK(uring_issue, request, unprovoked, with(bpf_find_vma), any)                                                \
  HOOK(uring_issue_before_5_17, request, unprovoked, without(bpf_find_vma), any)                                 \
  HOOK(uring_issue_again, request, unprovoked, always, any)                                                      \
  HOOK(uring_issued, request, unprovoked, always, any)                                                           \
  HOOK(uring_issued_again, request, unprovoked, always, any)                                                     \
  HOOK(uring_complete_post_before_5_18, request, unprovoked, without(uring_tells_request), any)                  \
  HOOK(uring_flush_before_5_18, request, unprovoked, without(uring_tells_request), any)

#define ZC_HOOK_NUMBER(program, ...) ZC_P_##program,
enum zc_probe {
  ZC_P_NONE,
  ZC_HOOKS(ZC_HOOK_NUMBER)
  /* no hooks: what the end of a system call shows */
  ZC_P_MMAP,        /* the reference that a successful mmap makes */
  ZC_P_CALL_RESULT, /* bytes by the call's result alone: ZC_INFERRED */
  ZC_P_PROCESS_VM,  /* process_vm_readv, process_vm_writev: they copy what they return */
  ZC_P_CLONE,       /* blocks that two files share from now on */
  ZC_P_VMSPLICE,     /* pages lent to a pipe */
  ZC_P_TCP_ZEROCOPY_RECEIVE, /* pages mapped into the reader, as the call's result says */
  ZC_PROBES
};
#undef ZC_HOOK_NUMBER
