/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Numbers of the kernel's interfaces, and of its insides where no BTF tells them. */
#pragma once

enum bpf_map_type_used {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERCPU_HASH = 5,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_RINGBUF = 27,
  BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum { BPF_RB_NO_WAKEUP = 1 };
enum { BPF_F_NO_PREALLOC = 1, BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };

#define O_APPEND 02000
#define O_DIRECT 040000
#define MSG_PEEK 2
#define MSG_TRUNC 0x20
#define MSG_ZEROCOPY 0x4000000
#define FMODE_WRITE 2
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define FUSE_SUPER_MAGIC 0x65735546 /* virtiofs too */
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define NFS_SUPER_MAGIC 0x6969
#define CIFS_SUPER_MAGIC 0xff534d42
#define SMB2_SUPER_MAGIC 0xfe534d42
#define CEPH_SUPER_MAGIC 0x00c36400
#define AFS_FS_MAGIC 0x6b414653
#define MSG_SPLICE_PAGES 0x8000000  /* since 6.5 */
#define TLS_BASE 0                  /* no keys for this direction */
#define TLS_SW 1
#define CRYPTO_ALG_KERN_DRIVER_ONLY 0x1000 /* by a device */
#define IFF_LOOPBACK 0x8
#define NETIF_F_SG (1 << 0)
#define NETIF_F_CSUM_MASK (1 << 1 | 1 << 3 | 1 << 4) /* IPv4, any, IPv6 */
#define DEV_NULL (1 << 20 | 3)      /* a dev_t */
#define DEV_FUSE (10 << 20 | 229)
#define SOCK_DGRAM 2
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define IPPROTO_UDP 17
#define TCP_ZEROCOPY_RECEIVE 35
#define VM_WRITE 0x2
#define VM_SHARED 0x8
#define SB_KERNMOUNT (1 << 22)
#define TS_COMPAT 0x2
#define TASK_DEAD 0x80
#define PF_IO_WORKER 0x10 /* since 5.12; before, its workers are the kernel's own */
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFIFO 0010000
#define S_IFCHR 0020000
#define S_IFBLK 0060000
