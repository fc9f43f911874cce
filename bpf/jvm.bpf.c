/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a JVM's file streams copy themselves: between an array in its heap and native memory, which is what calls read
 * and write. On the JVM's own probes hotspot_jni:{Set,Get}ByteArrayRegion__entry, which userspace finds in libjvm.so
 * (userspace/capture/jvm.h) and attaches to only where a JVM is followed. They are the program's copies, not the
 * kernel's: sums of their own. */

/* Of the two probes below. */
struct zc_jvm_operand jvm_lengths[2];

static __always_inline void count_array_copy(struct pt_regs* ctx, const struct zc_jvm_operand* operand, const __u32 bytes,
                                             const __u32 copies) {
  struct zc_target* target = active_target();
  if (!target) return;
  __u64 value = 0;
  __u32 reg = operand->reg & 255;
  bpf_probe_read_kernel(&value, sizeof value, (void*)ctx + reg);
  __s32 length = value;
  if (operand->in_memory && bpf_probe_read_user(&length, sizeof length, (void*)(value + operand->displacement))) return;
  if (length <= 0) return;
  add_sum(target->role, bytes, length);
  add_sum(target->role, copies, 1);
}

SEC("uprobe/SetByteArrayRegion")
int jvm_set_byte_array_region(struct pt_regs* ctx) {
  count_hit(ZC_P_jvm_set_byte_array_region);
  count_array_copy(ctx, &jvm_lengths[0], ZC_S_TO_ARRAY_BYTES, ZC_S_TO_ARRAY_COPIES);
  return 0;
}

SEC("uprobe/GetByteArrayRegion")
int jvm_get_byte_array_region(struct pt_regs* ctx) {
  count_hit(ZC_P_jvm_get_byte_array_region);
  count_array_copy(ctx, &jvm_lengths[1], ZC_S_FROM_ARRAY_BYTES, ZC_S_FROM_ARRAY_COPIES);
  return 0;
}
