/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Places that bytes come from and go to, identified by device and inode, and their names. */
#pragma once

static __always_inline __u32 kind_of_inode(__u32 mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return ZC_AT_FILE;
    case S_IFSOCK:
      return ZC_AT_SOCKET;
    case S_IFIFO:
      return ZC_AT_PIPE;
    case S_IFCHR:
    case S_IFBLK:
      return ZC_AT_DEVICE;
    default:
      return ZC_AT_OTHER;
  }
}

static __always_inline struct zc_place place_of_inode(struct inode* inode) {
  if (reads_types) {
    struct inode* typed = TYPED(inode, inode);
    return (struct zc_place){.ino = typed->i_ino,
                             .dev = typed->i_sb->s_dev,
                             .kind = kind_of_inode(typed->i_mode),
                             .born = typed->i_generation};
  }
  struct zc_place place = {.ino = BPF_CORE_READ(inode, i_ino),
                           .dev = BPF_CORE_READ(inode, i_sb, s_dev),
                           .kind = kind_of_inode(BPF_CORE_READ(inode, i_mode)),
                           .born = BPF_CORE_READ(inode, i_generation)};
  return place;
}

static __always_inline struct inode* inode_of(struct file* file) { return KERNEL(file, file, f_inode); }

static __always_inline struct sock* sock_of(struct file* file) {
  struct socket* socket = KERNEL(file, file, private_data);
  return KERNEL(socket, socket, sk);
}

/* IPPROTO_TCP and so on; 0: not of the internet. */
static __always_inline __u16 internet_protocol(struct sock* sk) {
  __u16 family = KERNEL(sock, sk, __sk_common.skc_family);
  return family == AF_INET || family == AF_INET6 ? KERNEL(sock, sk, sk_protocol) : 0;
}

/* Where its two streams begin: another socket with the same two is its other end. Both are as random as the kernel makes
 * the first sequence numbers, whatever addresses stand before them. */
static __always_inline void find_streams(struct sock* sk, struct zc_name* name) {
  struct tcp_sock* tcp = (void*)sk;
  __u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
  if (state == TCP_SYN_SENT || state == TCP_SYN_RECV || state == TCP_CLOSE || state == TCP_LISTEN) return;
  for (int i = 0; i < 4; i++) { /* packets may arrive meanwhile */
    __u32 acked = BPF_CORE_READ(tcp, bytes_acked), received = BPF_CORE_READ(tcp, bytes_received);
    name->sends_from = BPF_CORE_READ(tcp, snd_una) - acked;
    name->receives_from = BPF_CORE_READ(tcp, rcv_nxt) - received;
    if (acked == (__u32)BPF_CORE_READ(tcp, bytes_acked) && received == (__u32)BPF_CORE_READ(tcp, bytes_received)) return;
  }
  name->sends_from = name->receives_from = 0;
}

/* The inode of the socket that a unix socket is connected to for good; 0: that one is not accepted yet, or is closed. Of
 * datagrams a socket may be connected anew. */
static __always_inline __u64 inode_of_peer(struct sock* peer) {
  struct socket* socket = peer ? BPF_CORE_READ(peer, sk_socket) : 0;
  struct socket_alloc* both = (void*)socket;
  return socket ? BPF_CORE_READ(both, vfs_inode.i_ino) : 0;
}

static __always_inline void name_of_socket(struct sock* sk, struct zc_name* name) {
  name->family = BPF_CORE_READ(sk, __sk_common.skc_family);
  name->type = BPF_CORE_READ(sk, sk_type);
  if (name->family == AF_INET || name->family == AF_INET6) {
    name->own_port = BPF_CORE_READ(sk, __sk_common.skc_num);
    name->peer_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
  }
  if (internet_protocol(sk) == IPPROTO_TCP) find_streams(sk, name);
  if (name->family == AF_INET) {
    __be32 own = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr), peer = BPF_CORE_READ(sk, __sk_common.skc_daddr);
    __builtin_memcpy(name->own, &own, sizeof own);
    __builtin_memcpy(name->peer, &peer, sizeof peer);
  } else if (name->family == AF_INET6) {
    BPF_CORE_READ_INTO(&name->own, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
    BPF_CORE_READ_INTO(&name->peer, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
  } else if (name->family == AF_UNIX) {
    struct unix_sock* unix_socket = (void*)sk;
    struct unix_address* address = BPF_CORE_READ(unix_socket, addr);
    struct unix_sock* peer = (void*)BPF_CORE_READ(unix_socket, peer);
    if (name->type != SOCK_DGRAM) name->peer_ino = inode_of_peer((void*)peer);
    if (!address && peer) address = BPF_CORE_READ(peer, addr); /* an unbound client: its server's */
    /* Its family counts too. An abstract name has no end but its length: behind that lies someone else's memory. */
    int length = address ? BPF_CORE_READ(address, len) - (int)sizeof(name->family) : 0;
    const char* text = (const char*)address + bpf_core_field_offset(address->name) +
                       bpf_core_field_offset(struct sockaddr_un, sun_path);
    if (length > ZC_UNIX_PATH) length = ZC_UNIX_PATH;
    if (length > 0) bpf_probe_read_kernel(name->path, length & 127, text);
    name->first = 0;
  }
}

#define DEPTH 25
#define COMPONENT 255
#define PATH_MASK 511 /* bounds an offset into name.path for the verifier: name_scratch.beyond */

/* One step towards the root: over one path component, or from a mount's root to its mount point. False at the end. The
 * state is in a map, because the verifier would track each value of a register through every step. */
static __always_inline bool walk_step(struct name_scratch* scratch) {
  struct dentry* dentry = scratch->dentry;
  struct vfsmount* mount = scratch->mount;
  scratch->complete = !dentry || (dentry == scratch->root && mount == scratch->root_mount);
  if (scratch->complete) return false;
  struct dentry *parent = BPF_CORE_READ(dentry, d_parent), *top = BPF_CORE_READ(mount, mnt_root);
  bool alone = dentry == parent && dentry != top; /* of no folder: memfd:NAME, [eventfd] */
  if (dentry == top || (alone && scratch->name.first != ZC_PATH - 1)) {
    struct mount* real = (void*)mount - bpf_core_field_offset(struct mount, mnt);
    struct mount* above = BPF_CORE_READ(real, mnt_parent);
    scratch->complete = above == real || !above;
    if (scratch->complete) return false;
    scratch->dentry = BPF_CORE_READ(real, mnt_mountpoint);
    scratch->mount = (void*)above + bpf_core_field_offset(struct mount, mnt);
    return true;
  }
  __u32 length = BPF_CORE_READ(dentry, d_name.len), at = scratch->name.first;
  const unsigned char* text = BPF_CORE_READ(dentry, d_name.name);
  if (length > COMPONENT || length + 1 > at) return false; /* the end of a long path has to do: it says so */
  at -= length;
  bpf_probe_read_kernel(scratch->name.path + (at & PATH_MASK), length & COMPONENT, text);
  at--;
  scratch->name.path[at & PATH_MASK] = '/';
  scratch->name.first = at;
  scratch->dentry = parent;
  return true;
}

/* Its path, from the end of `path` to its front: by dentries and mounts, up to the root that the task sees. */
static __always_inline void name_of_dentry(struct dentry* dentry, struct vfsmount* mount, struct name_scratch* scratch) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  scratch->dentry = dentry;
  scratch->mount = mount;
  scratch->name.mount = (__u64)mount;
  scratch->root = BPF_CORE_READ(task, fs, root.dentry);
  scratch->root_mount = BPF_CORE_READ(task, fs, root.mnt);
  struct dentry* last = scratch->dentry;
  scratch->name.deleted = !BPF_CORE_READ(last, d_hash.pprev);
  scratch->name.first = ZC_PATH - 1;
  for (int i = 0; i < DEPTH; i++)
    if (!walk_step(scratch)) break;
  scratch->name.truncated = !scratch->complete;
}

/* Below an overlay: the file that is read and written. */
static __always_inline struct file* file_below(struct file* file) {
  if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC) return file;
  void* below = BPF_CORE_READ(file, private_data);
  struct ovl_file* both = below;
  if (below && bpf_core_type_exists(struct ovl_file)) below = BPF_CORE_READ(both, realfile);
  return below ? below : file;
}

/* What is known to touch a file's bytes where no hook sees it. */
static __always_inline __u32 why_of_file(struct file* file, __u32 kind) {
  if (kind == ZC_AT_DEVICE) return BPF_CORE_READ(file, f_inode, i_rdev) == DEV_FUSE ? ZC_WHY_FUSE : 0;
  if (kind != ZC_AT_FILE) return 0;
  struct inode* inode = BPF_CORE_READ(file_below(file), f_inode);
  if (journalled_aops && (__u64)BPF_CORE_READ(inode, i_mapping, a_ops) == journalled_aops) return ZC_MORE_JOURNAL;
  switch (BPF_CORE_READ(inode, i_sb, s_magic)) {
    case FUSE_SUPER_MAGIC:
      return ZC_WHY_FUSE;
    case NFS_SUPER_MAGIC:
    case CIFS_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case CEPH_SUPER_MAGIC:
    case AFS_FS_MAGIC:
      return ZC_MORE_NETWORK;
    default:
      return 0;
  }
}

/* Where a name is put together: of this processor, on a real-time kernel of this task until it gives it back. */
static __always_inline struct name_scratch* borrow_scratch(void) {
  __u32 zero = 0;
  struct name_scratch* scratch = bpf_map_lookup_elem(&new_names, &zero);
  if (!real_time || !scratch) return scratch;
  __u64 task = key_of_task();
  bpf_map_update_elem(&new_names_of_tasks, &task, scratch, BPF_ANY); /* nobody writes to this one there */
  scratch = bpf_map_lookup_elem(&new_names_of_tasks, &task);
  if (!scratch) add_sum(ZC_SENDER, ZC_S_NAMES_LOST, 1);
  return scratch;
}

static __always_inline void give_scratch_back(void) {
  if (!real_time) return;
  __u64 task = key_of_task();
  bpf_map_delete_elem(&new_names_of_tasks, &task);
}

/* Not inlined: the verifier then checks it once. Returns what why_of_file() does. */
__noinline int resolve_name(__u64 address) {
  struct file* file = (void*)address;
  struct zc_place place = place_of_inode(BPF_CORE_READ(file, f_inode));
  struct name_scratch* scratch = borrow_scratch();
  if (!scratch) return 0;
  struct zc_name* name = &scratch->name;
  __builtin_memset(name, 0, sizeof *name);
  name->renames = renames;
  if (place.kind == ZC_AT_SOCKET) {
    name_of_socket(sock_of(file), name);
  } else if (place.kind != ZC_AT_PIPE) {
    name->why = why_of_file(file, place.kind);
    if (place.kind == ZC_AT_FILE) {
      const char* filesystem = BPF_CORE_READ(file, f_inode, i_sb, s_type, name);
      bpf_probe_read_kernel_str(name->filesystem, sizeof name->filesystem, filesystem);
    }
    name_of_dentry(BPF_CORE_READ(file, f_path.dentry), BPF_CORE_READ(file, f_path.mnt), scratch);
  }
  if (bpf_map_update_elem(&names, &place, name, BPF_ANY)) add_sum(ZC_SENDER, ZC_S_NAMES_LOST, 1);
  __sync_fetch_and_add(&new_entries, 1);
  __u32 why = name->why;
  give_scratch_back();
  return why;
}

/* A file that has a name already, and got another: it has a mount that it was used by. */
__noinline int resolve_new_name(__u64 address) {
  struct dentry* dentry = (void*)address;
  struct zc_place place = place_of_inode(BPF_CORE_READ(dentry, d_inode));
  struct zc_name* known = bpf_map_lookup_elem(&names, &place);
  if (!known) return 0;
  struct vfsmount* mount = (void*)known->mount; /* it may be gone */
  if (BPF_CORE_READ(mount, mnt_sb) != BPF_CORE_READ(dentry, d_inode, i_sb)) return 0;
  struct name_scratch* scratch = borrow_scratch();
  if (!scratch) return 0;
  __builtin_memset(&scratch->name, 0, sizeof scratch->name);
  scratch->name.renames = renames;
  scratch->name.why = known->why;
  __builtin_memcpy(scratch->name.filesystem, known->filesystem, sizeof known->filesystem);
  name_of_dentry(dentry, mount, scratch);
  bpf_map_update_elem(&names, &place, &scratch->name, BPF_ANY);
  give_scratch_back();
  return 0;
}

/* Its name is resolved at its first use, and again after somebody renamed something; with it what touches its bytes. */
static __always_inline struct zc_place place_of_file(struct file* file, __u64* why) {
  struct zc_place place = place_of_inode(inode_of(file));
  struct zc_name* name = bpf_map_lookup_elem(&names, &place);
  if (!name || (name->renames != renames && place.kind == ZC_AT_FILE))
    *why |= (__u32)resolve_name((__u64)file);
  else
    *why |= name->why;
  return place;
}
