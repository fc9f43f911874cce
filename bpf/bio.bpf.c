/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What drivers do that take bios and no requests, in whatever thread it is; and whose reads a bio is. */

/* What a driver that takes bios does with one, in the call that submits it. */
static __always_inline void bio_in_call(struct call* call, struct disk_way way, __u32 operation, bool direct,
                                        __u64 bytes) {
  call->device_bytes += bytes; /* the requests below may be issued by others */
  if (way.kind == DISK_HIDES) {
    add_sum(ZC_SENDER, ZC_S_UNSEEN_DISK_BYTES, bytes);
    unseen_request(call, operation, bytes);
    return;
  }
  if (direct) call->direct_bytes += bytes;
  struct zc_edge edge = {.role = ZC_SENDER,
                         .from = ZC_DISK,
                         .to = direct ? ZC_USER_BUFFER : ZC_PAGE_CACHE,
                         .by = way.kind == DISK_CIPHERS ? ZC_TRANSFORM : ZC_CPU,
                         .cipher = way.cipher,
                         .probe = ZC_P_block_bio_queue,
                         .mechanism = ZC_EVENT,
                         .context = context_of(call)};
  if (operation == REQ_OP_WRITE) {
    edge.from = direct ? ZC_USER_BUFFER : ZC_FILE;
    edge.to = ZC_DISK;
    call->cost.written_bytes += bytes;
  } else if (way.kind == DISK_COPIES) {
    call->cost.disk_bytes += bytes;
  }
  call->cost.cipher |= way.cipher;
  account_move(&edge, call, bytes);
}

/* Pages that somebody else wrote, or that are written in no call of a traced program. */
static __always_inline void bio_of_writer(const struct zc_flow_key* writer, const struct call* call,
                                          struct disk_way way, __u64 bytes) {
  struct zc_flow_key key = *writer;
  struct zc_flow more = {.last = 0};
  if (way.kind == DISK_HIDES) {
    more.cost.unexplained_bytes = bytes;
    more.cost.why = ZC_WHY_DISK;
    add_sum(ZC_SENDER, ZC_S_UNSEEN_DISK_BYTES, bytes);
    account_flow(&key, &more);
    return;
  }
  struct zc_edge edge = {.role = ZC_SENDER,
                         .from = ZC_FILE,
                         .to = ZC_DISK,
                         .by = way.kind == DISK_CIPHERS ? ZC_TRANSFORM : ZC_CPU,
                         .cipher = way.cipher,
                         .probe = ZC_P_block_bio_queue,
                         .mechanism = ZC_EVENT,
                         .context = context_here()};
  add_to_ledger(&edge, bytes);
  if (way.kind == DISK_CIPHERS) {
    more.cost.transform_bytes = bytes;
    more.cost.cipher = way.cipher;
  } else {
    more.cost.cpu_bytes = bytes;
  }
  if (call)
    more.cost.written_bytes = bytes;
  else
    more.written_later = bytes;
  account_flow(&key, &more);
}

/* Of what is read for a call: what it asked for, not what the file system keeps on the disk for itself. */
static __always_inline bool is_payload(const struct call* call, const struct owner_of_page* owner) {
  struct inode* inode = owner->inode;
  if (!inode) return call->direct && call->direction == DIRECTION_THROUGH; /* into fresh pages */
  return (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFBLK || call->flow.from.kind == ZC_AT_DEVICE;
}

/* Not inlined: the verifier then checks it once. */
__noinline int driver_bio(__u64 address, __u32 operation, __u32 kind, __u32 cipher) {
  struct bio* bio = (void*)address;
  struct disk_way way = {.kind = kind, .cipher = cipher};
  struct call* call = in_softirq() || !active_target() ? 0 : current_call();
  __u64 bytes = BPF_CORE_READ(bio, bi_iter.bi_size);
  struct owner_of_page owner = owner_of(bio);
  if (operation == REQ_OP_READ || !owner.inode) {
    if (call && (owner.of_program || (operation == REQ_OP_READ && is_payload(call, &owner))))
      bio_in_call(call, way, operation, owner.of_program, bytes);
    return 0;
  }
  struct zc_file file = file_of_page(owner.inode);
  const struct zc_flow_key* writer = bpf_map_lookup_elem(&writers, &file);
  if (call && call->direction && is_written_by(call, &file))
    bio_in_call(call, way, operation, false, bytes);
  else if (writer)
    bio_of_writer(writer, call, way, bytes);
  return 0;
}

static __always_inline struct call* followed_call(void) {
  return follow_programs && window_is_open() && !in_softirq() && active_target() ? current_call() : 0;
}

/* What requests of io_uring and libaio ask for goes to the device in batches, after the last of them has been worked on:
 * whose it is, is known by who hands it to the block layer. */
static __always_inline void part_of_request(struct call* call, struct bio* bio, __u32 operation) {
  __u32 bytes = BPF_CORE_READ(bio, bi_iter.bi_size);
  call->device_bytes += bytes;
  if (operation == REQ_OP_READ) call->cost.disk_bytes += bytes;
  if (!owner_of(bio).of_program) return;
  call->direct_bytes += bytes;
  if (operation == REQ_OP_WRITE) call->cost.written_bytes += bytes;
}

/* Drivers that take bios and no requests do their work here, in whatever thread it is, or in threads of their own. */
SEC("raw_tp/block_bio_queue")
int block_bio_queue(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_block_bio_queue);
  if (!follow_programs || !window_is_open()) return 0;
  struct bio* bio = (void*)(block_bio_argument ? ARGUMENT(ctx, 1) : ARGUMENT(ctx, 0));
  __u32 operation = BPF_CORE_READ(bio, bi_opf) & REQUEST_OPERATION;
  remember_read(bio, operation);
  if (operation > REQ_OP_WRITE) return 0;
  struct gendisk* disk;
  if (bpf_core_field_exists(bio->bi_bdev)) {
    disk = BPF_CORE_READ(bio, bi_bdev, bd_disk);
  } else {
    struct bio___before_5_12* old = (void*)bio;
    disk = BPF_CORE_READ(old, bi_disk);
  }
  if (BPF_CORE_READ(disk, queue, mq_ops)) {
    struct call* call = followed_call();
    if (call && call->is_request) part_of_request(call, bio, operation);
    return 0;
  }
  int way = way_of_disk((__u64)disk);
  if (way) driver_bio((__u64)bio, operation, way & 0xff, (__u32)way >> 8);
  return 0;
}

/* Before 6.3 (5e1bdad2d5ba) they take pages one by one, too, without a bio. */
SEC("fexit/bdev_read_page")
int disk_bdev_read_page(__u64* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_disk_bdev_read_page);
  struct call* call = followed_call();
  if (!call || (int)ctx[3]) return 0;
  struct block_device* device = (void*)ctx[0];
  int way = way_of_disk((__u64)BPF_CORE_READ(device, bd_disk));
  struct disk_way done = {.kind = way & 0xff};
  if (way) bio_in_call(call, done, REQ_OP_READ, false, PAGE_BYTES);
  return 0;
}
