/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The few kernel types that the programs read, relocated by CO-RE against the running kernel's BTF. Written out here so
 * that one object serves every kernel and no vmlinux.h has to be made. */
#pragma once

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
  unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

struct bpf_perf_event_data {
  struct pt_regs regs;
  __u64 sample_period;
  __u64 addr;
};

struct bpf_raw_tracepoint_args {
  __u64 args[0];
};

struct file_system_type {
  const char* name;
};
struct linux_binprm {
  __u32 secureexec : 1;
};
/* Of tracepoints by perf. What precedes their own fields is longer on a real-time kernel (6.1-rt: preempt_lazy_count). */
struct trace_event_raw_sys_enter {
  long id;
  unsigned long args[6];
};
struct trace_event_raw_sys_exit {
  long id, ret;
};
struct trace_event_raw_skb_copy_datagram_iovec {
  int len;
};

struct super_block {
  unsigned long s_flags, s_magic;
  struct file_system_type* s_type;
  __u32 s_dev;
};
struct inode {
  unsigned short i_mode;
  unsigned long i_ino;
  __u32 i_rdev, i_generation;
  long long i_size;
  struct super_block* i_sb;
  struct address_space* i_mapping;
};
struct qstr {
  __u32 len;
  const unsigned char* name;
};
struct hlist_bl_node {
  struct hlist_bl_node** pprev;
};
struct inode;
struct dentry {
  struct hlist_bl_node d_hash;
  struct dentry* d_parent;
  struct qstr d_name;
  struct inode* d_inode;
};
struct super_block;
struct vfsmount {
  struct dentry* mnt_root;
  struct super_block* mnt_sb;
};
struct renamedata { /* since 5.12 (9fe61450972d) */
  struct dentry* old_dentry;
};
struct mount {
  struct mount* mnt_parent;
  struct dentry* mnt_mountpoint;
  struct vfsmount mnt;
};
struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};
struct file {
  struct path f_path;
  struct inode* f_inode;
  unsigned int f_flags, f_mode;
  void* private_data;
};
struct ovl_file { /* since 6.13 (18e48d0e2c7b); before, an overlay's file has the one below in private_data itself */
  struct file* realfile;
};
struct fs_struct {
  struct path root;
};
struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};
struct files_struct {
  struct fdtable* fdt;
};
struct rb_node {
  struct rb_node *rb_right, *rb_left;
};
struct rb_root {
  struct rb_node* rb_node;
};
struct vm_area_struct {
  unsigned long vm_start, vm_end;
  unsigned long vm_flags;
  struct file* vm_file;
  struct rb_node vm_rb; /* before 6.1 (524e00b36e8c) */
};
struct maple_range_64 {
  unsigned long pivot[15];
  void* slot[16];
};
struct maple_arange_64 {
  unsigned long pivot[9];
  void* slot[10];
};
struct maple_tree {
  void* ma_root;
};
struct mm_struct {
  struct rb_root mm_rb;     /* before 6.1 (524e00b36e8c) */
  struct maple_tree mm_mt; /* since */
};
typedef struct {
  int counter;
} atomic_t;
struct signal_struct {
  atomic_t live;
};
struct thread_info {
  __u32 status;
};
struct pipe_inode_info;
struct ns_common {
  unsigned int inum;
};
struct pid_namespace {
  struct ns_common ns;
};
struct upid {
  int nr;
  struct pid_namespace* ns;
};
struct pid {
  unsigned int level;
  struct upid numbers[1];
};
struct kernfs_node {
  __u64 id; /* since 5.5 (67c0496e87d1) a number: that of the inode */
};
struct cgroup_subsys_state {
  struct cgroup_subsys_state* parent;
};
struct cgroup_root {
  int hierarchy_id;
};
struct cgroup {
  struct cgroup_subsys_state self;
  struct kernfs_node* kn;
  struct cgroup_root* root;
};
struct css_set {
  struct cgroup* dfl_cgrp;
};
struct task_struct {
  struct thread_info thread_info;
  void* stack;
  __u64 self_exec_id; /* since 5.7 (d1e7fd6462ca) */
  unsigned int flags;
  int pid;
  int tgid;
  char comm[16];
  struct task_struct *real_parent, *group_leader;
  struct css_set* cgroups;
  struct pid* thread_pid;
  struct mm_struct* mm;
  struct fs_struct* fs;
  struct signal_struct* signal;
  struct files_struct* files;
  struct pipe_inode_info* splice_pipe;
  unsigned int __state; /* since 5.14 (2f064a59a11f); before: state */
};
struct bpf_iter_meta {
  struct seq_file* seq;
};
struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
};
struct task_struct___before_5_14 {
  long state;
};

/* The kind of iterator: enum iter_type since 5.14 (8cd54c1c8480); before, a word of flags. */
struct iov_iter {
  __u8 iter_type;
  unsigned long count;
};
struct iov_iter___before_5_14 {
  unsigned int type;
};
enum iter_type { ITER_IOVEC = 0, ITER_KVEC = 1, ITER_BVEC = 2 };
enum iter_type___pipe { ITER_PIPE = 4 }; /* before 6.5 (3fc40265ae2b) */
enum iter_type___ubuf { ITER_UBUF = 5 }; /* since 6.0 (fcb14cb1bdac) */

struct kiocb {
  struct file* ki_filp;
};

/* What libaio was asked for. */
struct iocb {
  __u64 aio_buf, aio_nbytes;
};

/* An io_uring request. What it was given lies at its start: a struct io_rw, io_sr_msg or io_splice. */
struct io_cqe {
  __u64 user_data;
  int fd; /* until its result takes the place */
};
struct io_ring_ctx;
struct io_kiocb {
  struct file* file;
  __u8 opcode;
  unsigned int flags;
  struct io_cqe cqe; /* since 5.19 (cef216fc32d7) */
  struct io_ring_ctx* ctx;
};
struct io_kiocb___before_5_19 {
  __u32 result;
};
struct io_rw {
  __u64 addr;
  __u32 len;
};
struct io_sr_msg {
  void* buf;
  __u32 len;
  unsigned int msg_flags;
  __u16 flags; /* since 5.19 (0455d4ccec54) */
};
struct io_splice {
  int splice_fd_in; /* since 5.17, and in stable kernels before (a3e4bc23d547) */
  unsigned int flags;
};
/* Files that a ring has registered. */
struct io_fixed_file {
  unsigned long file_ptr;
};
struct io_rsrc_node {
  unsigned long file_ptr;
};
struct io_rsrc_data {
  unsigned int nr;
  struct io_rsrc_node** nodes;
};
struct io_file_table {
  struct io_rsrc_data data; /* since 6.13 (b54a14041ee6) */
};
struct io_file_table___before_6_13 {
  struct io_fixed_file* files;
};
struct io_submit_state___before_5_19 {
  struct io_kiocb* compl_reqs[32];
  unsigned int compl_nr;
};
struct io_ring_ctx {
  struct io_file_table file_table;
};
struct io_ring_ctx___before_6_13 {
  struct io_file_table___before_6_13 file_table;
  unsigned int nr_user_files;
};
struct io_ring_ctx___before_5_19 {
  struct io_submit_state___before_5_19 submit_state;
};
struct io_uring_cqe {
  __u64 user_data;
  __s32 res;
  __u32 flags;
};

#pragma clang attribute pop
