/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Disks whose drivers take bios and no requests: what each does with the bytes. */
#pragma once

enum disk_kind {
  DISK_PASSES, /* on to disks whose requests are seen, as they are */
  DISK_COPIES,
  DISK_CIPHERS,
  DISK_HIDES, /* not known, or not seen */
};

/* A bio for the disk: what is done with it, by whose cipher. */
struct disk_way {
  __u32 kind;
  __u32 cipher; /* enum zc_cipher */
};

static __always_inline struct disk_way way_of_crypt(void* private) {
  struct crypt_config* config = private;
  struct disk_way way = {.kind = DISK_HIDES};
  /* Flags: with integrity it is another kind of cipher. */
  if (!bpf_core_type_exists(struct crypt_config) || BPF_CORE_READ(config, cipher_flags)) return way;
  struct crypto_skcipher** ciphers = BPF_CORE_READ(config, cipher_tfm.tfms);
  struct crypto_skcipher* cipher = 0;
  bpf_probe_read_kernel(&cipher, sizeof cipher, ciphers);
  if (!cipher) return way;
  struct crypto_alg* algorithm = BPF_CORE_READ(cipher, base.__crt_alg);
  if (!algorithm || !is_by_cpu(algorithm)) return way;
  way.kind = DISK_CIPHERS;
  way.cipher = cipher_of(algorithm);
  return way;
}

static __always_inline struct disk_way way_of_target(struct dm_target* target) {
  struct disk_way way = {.kind = DISK_HIDES};
  char name[8] = {};
  const char* text = BPF_CORE_READ(target, type, name);
  bpf_probe_read_kernel_str(name, sizeof name, text);
  if (begins_with(name, "linear", 7) || begins_with(name, "striped", 7)) way.kind = DISK_PASSES;
  if (begins_with(name, "crypt", 6)) return way_of_crypt(BPF_CORE_READ(target, private));
  return way;
}

#define TARGETS 8 /* of a table that are looked at: all of them must do the same */

/* The device mapper's types are those of a module, which the kernel tells of since 5.11 (36e68442d1af). */
static __always_inline struct disk_way way_of_mapper(struct gendisk* disk) {
  struct disk_way all = {.kind = DISK_HIDES};
  if (!bpf_core_type_exists(struct dm_table) || !bpf_core_type_exists(struct mapped_device)) return all;
  struct mapped_device* device = BPF_CORE_READ(disk, private_data);
  struct dm_table* table = BPF_CORE_READ(device, map);
  __u32 count = BPF_CORE_READ(table, num_targets);
  __u64 targets = (__u64)BPF_CORE_READ(table, targets);
  if (!table || !count || count > TARGETS) return all;
  for (__u32 i = 0; i < TARGETS && i < count; i++) {
    struct disk_way way = way_of_target((struct dm_target*)(targets + i * bpf_core_type_size(struct dm_target)));
    if (i && (way.kind != all.kind || way.cipher != all.cipher)) way.kind = DISK_HIDES;
    all = way;
    if (way.kind == DISK_HIDES) break;
  }
  return all;
}

/* RAID by copies of the whole, or in stripes, takes the pages as they are; with parity it copies and sums. */
static __always_inline __u32 kind_of_raid(struct gendisk* disk) {
  struct mddev* raid = BPF_CORE_READ(disk, private_data);
  if (!bpf_core_type_exists(struct mddev)) return DISK_HIDES;
  int level = BPF_CORE_READ(raid, level);
  return level == -1 || level == 0 || level == 1 || level == 10 ? DISK_PASSES : DISK_HIDES;
}

/* Not inlined: the verifier then checks it once. Its kind, above it its cipher. */
__noinline int way_of_disk(__u64 address) {
  struct gendisk* disk = (void*)address;
  char name[5] = {};
  bpf_probe_read_kernel(name, sizeof name, (const char*)disk + bpf_core_field_offset(disk->disk_name));
  if (begins_with(name, "ram", 3) || begins_with(name, "pmem", 4)) return DISK_COPIES;
  if (begins_with(name, "dm-", 3)) {
    struct disk_way way = way_of_mapper(disk);
    return way.kind | way.cipher << 8;
  }
  if (begins_with(name, "md", 2)) return kind_of_raid(disk);
  return begins_with(name, "nvme", 4) ? DISK_PASSES : DISK_HIDES; /* of several paths to one disk */
}
