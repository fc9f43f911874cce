/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* As kernel.h: pages, bios, requests, disks, and the layers that lie over them. */
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct request_queue;
struct gendisk;
struct address_space {
  struct inode* host;
  const void* a_ops;
};
struct page {
  unsigned long compound_head;
  struct address_space* mapping;
};
struct page___compound_info {
  unsigned long compound_info; /* compound_head's other name and form, on 7.2 */
};
struct bio_vec {
  struct page* bv_page;
};
struct bvec_iter {
  unsigned int bi_size, bi_idx;
};
struct block_device {
  struct gendisk* bd_disk;
  struct device bd_device; /* since 5.11 (0d02129e76ed); before: hd_struct's */
};
struct bio {
  struct bio* bi_next;
  struct block_device* bi_bdev;
  unsigned int bi_opf;
  struct bvec_iter bi_iter;
  void* bi_private;
  struct bio_vec* bi_io_vec;
};
struct bio___before_5_12 { /* 309dca309fc3 */
  struct gendisk* bi_disk;
};
struct target_type {
  const char* name;
};
struct dm_target {
  struct target_type* type;
  void* private;
};
struct dm_table {
  unsigned int num_targets;
  struct dm_target* targets;
};
struct mapped_device {
  void* map; /* struct dm_table * */
};
struct mddev {
  int level; /* of RAID; linear is -1 */
};
struct crypto_skcipher {
  struct crypto_tfm base;
};
struct crypt_config {
  union {
    struct crypto_skcipher** tfms;
  } cipher_tfm;
  unsigned long cipher_flags;
};
struct gendisk {
  void* private_data;
  int major, first_minor;
  char disk_name[32];
  struct block_device* part0;
  struct request_queue* queue;
};
struct hd_struct { /* before 5.11 (0d02129e76ed) */
  struct device __dev;
};
struct gendisk___before_5_11 {
  struct hd_struct part0;
};
struct request_queue {
  const void* mq_ops;   /* of one that has requests, not bios alone */
  struct gendisk* disk; /* since 5.15 (d152c682f03c) */
};
struct request {
  struct request_queue* q;
  struct bio* bio;
  unsigned int cmd_flags;
  unsigned int __data_len;
  unsigned long long __sector;
};
struct request___before_5_17 { /* f3fa33acca9f */
  struct gendisk* rq_disk;
};

#pragma clang attribute pop
