/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A program's memory: the files that are mapped in it, and the segments of it that a call reads or writes. */
#pragma once

/* Shared memory that the program gave a name: memfd_create(2). */
static __always_inline bool is_memory_file(struct file* file) {
  const unsigned char* text = BPF_CORE_READ(file, f_path.dentry, d_name.name);
  char start[6] = {};
  bpf_probe_read_kernel(start, sizeof start, text);
  return begins_with(start, "memfd:", 6);
}

static __always_inline void look_at_mapping(struct vm_area_struct* area, struct mapped_file* mapped) {
  unsigned long flags = BPF_CORE_READ(area, vm_flags);
  struct file* file = BPF_CORE_READ(area, vm_file);
  if (!file || ((flags & VM_WRITE) && !(flags & VM_SHARED))) return;
  if ((BPF_CORE_READ(file, f_inode, i_sb, s_flags) & SB_KERNMOUNT) && !is_memory_file(file)) return;
  mapped->place = place_of_file(file, &mapped->why);
  mapped->end = BPF_CORE_READ(area, vm_end);
  mapped->found = mapped->place.kind == ZC_AT_FILE;
}

static long on_area(struct task_struct* task, struct vm_area_struct* area, struct mapped_file* mapped) {
  look_at_mapping(area, mapped);
  return 0;
}

/* Before 6.1 (524e00b36e8c) the areas are in a red-black tree. */
static __always_inline __u64 area_in_red_black_tree(struct mm_struct* mm, __u64 address) {
  struct rb_node* node = BPF_CORE_READ(mm, mm_rb.rb_node);
  for (int i = 0; i < 24 && node; i++) {
    struct vm_area_struct* area = (void*)node - bpf_core_field_offset(struct vm_area_struct, vm_rb);
    if (address < BPF_CORE_READ(area, vm_start)) {
      node = BPF_CORE_READ(node, rb_left);
    } else if (address >= BPF_CORE_READ(area, vm_end)) {
      node = BPF_CORE_READ(node, rb_right);
    } else {
      return (__u64)area;
    }
  }
  return 0;
}

/* Since then in a maple tree, whose nodes may be read without a lock, for they are freed by RCU. The root is a node
 * if its two lowest bits are 2; the address of a node is a multiple of 256, and bits 3 to 6 tell its kind. */
enum { MAPLE_LEAF = 1, MAPLE_ARANGE = 3, MAPLE_LEVELS = 8, MAPLE_PIVOTS = 15 };

static __always_inline __u64 kind_of_node(__u64 entry) { return entry >> 3 & 15; }

/* What the node holds for the address. Not inlined: the verifier then checks it once. */
__noinline __u64 look_in_node(__u64 entry, __u64 address) {
  if (!bpf_core_type_exists(struct maple_arange_64)) return 0; /* it is checked where nobody calls it, too */
  __u64 node = entry & ~255ull;
  bool arange = kind_of_node(entry) == MAPLE_ARANGE;
  __u64 pivots = node + (arange ? bpf_core_field_offset(struct maple_arange_64, pivot)
                                : bpf_core_field_offset(struct maple_range_64, pivot));
  __u64 slots = node + (arange ? bpf_core_field_offset(struct maple_arange_64, slot)
                               : bpf_core_field_offset(struct maple_range_64, slot));
  __u32 last = (arange ? bpf_core_field_size(struct maple_arange_64, pivot)
                       : bpf_core_field_size(struct maple_range_64, pivot)) / 8;
  __u32 at = 0;
  __u64 found = 0;
#pragma unroll
  for (__u32 i = 0; i < MAPLE_PIVOTS; i++) { /* a slot's last address is its pivot; a node's last slot may have none */
    if (at != i || i >= last) continue;
    __u64 pivot = 0;
    bpf_probe_read_kernel(&pivot, sizeof pivot, (void*)(pivots + i * 8));
    if (pivot < address && (pivot || !i)) at = i + 1;
  }
  bpf_probe_read_kernel(&found, sizeof found, (void*)(slots + at * 8));
  return found;
}

static __always_inline __u64 area_in_maple_tree(struct mm_struct* mm, __u64 address) {
  __u64 entry = (__u64)BPF_CORE_READ(mm, mm_mt.ma_root);
  if ((entry & 3) != 2) return entry; /* a single area */
  for (int level = 0; level < MAPLE_LEVELS; level++) {
    bool leaf = kind_of_node(entry) == MAPLE_LEAF;
    entry = look_in_node(entry, address);
    if (leaf) return entry;
  }
  return 0;
}

/* Not inlined: the verifier then checks it once. */
__noinline __u64 find_area(__u64 address) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct mm_struct* mm = BPF_CORE_READ(task, mm);
  if (bpf_core_field_exists(mm->mm_rb)) return area_in_red_black_tree(mm, address);
  if (bpf_core_field_exists(mm->mm_mt)) return area_in_maple_tree(mm, address);
  return 0;
}

static __always_inline void walk_areas(__u64 address, struct mapped_file* mapped) {
  struct vm_area_struct* area = (void*)find_area(address);
  if (area && BPF_CORE_READ(area, vm_start) <= address && address < BPF_CORE_READ(area, vm_end))
    look_at_mapping(area, mapped);
}

/* bpf_find_vma says so where it would have to wait for the lock of the areas: other threads map and unmap. */
#define EBUSY 16

/* `by_tree`: a program that calls bpf_find_vma does not load before 5.17 (7c7e3d31e785), whether the call is reached or
 * not, so there are two of each program. */
static __always_inline void find_mapped(__u64 address, bool by_tree, struct mapped_file* mapped) {
  mapped->found = false;
  if (by_tree || bpf_find_vma((void*)bpf_get_current_task_btf(), address, on_area, mapped, 0) == -EBUSY)
    walk_areas(address, mapped);
}

/* The program's own memory, segment by segment. */

static __always_inline void next_message(struct cursor* cursor) {
  __u64 vector[2] = {};
  __u32 length = 0;
  bpf_probe_read_user(vector, sizeof vector, (void*)(cursor->message + MSGHDR_VECTOR));
  bpf_probe_read_user(&length, sizeof length, (void*)(cursor->message + MMSGHDR_LENGTH));
  cursor->vector = vector[0];
  cursor->segments = vector[1];
  cursor->in_message = length;
  cursor->message += MMSGHDR_BYTES;
  cursor->messages--;
}

/* Makes the next segment call->piece. False: there is none. */
static __always_inline bool next_segment(struct call* call) {
  struct cursor* cursor = &call->cursor;
  if (call->second.bytes) {
    call->piece = call->second;
    call->second.bytes = 0;
  } else if (cursor->segments) {
    if (call->is_request) { /* the program may use its vector again as soon as it has submitted it */
      if (call->at >= call->segment_count || call->at >= SEGMENTS) return false;
      call->piece = call->segments[call->at & (SEGMENTS - 1)];
    } else if (bpf_probe_read_user(&call->piece, sizeof call->piece, (void*)cursor->vector)) {
      return false;
    }
    cursor->vector += sizeof call->piece;
    cursor->segments--;
    call->at++;
  } else if (cursor->messages) {
    next_message(cursor);
  } else {
    return false;
  }
  return true;
}

/* How much of call->piece the call has moved. What a message did not fill is skipped. */
static __always_inline __u64 bytes_in_piece(struct call* call) {
  __u64 bytes = call->piece.bytes;
  if (bytes > call->remaining) bytes = call->remaining;
  if (bytes <= call->cursor.in_message) return bytes;
  if (!call->cursor.in_message) call->piece.bytes = call->cursor.segments = 0;
  return call->cursor.in_message;
}

static __always_inline void pass_piece(struct call* call, __u64 bytes) {
  call->piece.address += bytes;
  call->piece.bytes -= bytes;
  call->remaining -= bytes;
  call->cursor.in_message -= bytes;
}
