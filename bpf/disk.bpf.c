/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Block requests. Of a built-in transfer those for the payload: recognised by the file's extents on the disk, not by the
 * task, because readahead and the block layer's own threads issue them too. Of a followed program those that its calls
 * issue, and whoever writes the pages of files that it wrote to. The ledger counts what the device was handed; the
 * timeline learns at the completion how long a read took. */

#define REQUEST_OPERATION 0xff
#define REQ_OP_READ 0
#define REQ_OP_WRITE 1
#define SECTOR 512
#define PAGE_BYTES 4096

/* Bytes of [sector, sector + bytes) that lie in the payload's extents. A request spans a few extents at most. */
static __always_inline __u64 payload_of(__u64 sector, __u64 bytes) {
  __u64 end = sector + bytes / SECTOR, payload = 0;
  __u32 low = 0, high = extent_count;
  for (int i = 0; i < 13 && low < high; i++) { /* the first extent that ends after `sector` */
    __u32 middle = (low + high) / 2;
    struct zc_extent* extent = bpf_map_lookup_elem(&extents, &middle);
    if (!extent) return payload;
    if (extent->first + extent->sectors > sector)
      high = middle;
    else
      low = middle + 1;
  }
  for (int i = 0; i < 8; i++) {
    __u32 index = low + i;
    if (index >= extent_count) break;
    struct zc_extent* extent = bpf_map_lookup_elem(&extents, &index);
    if (!extent || extent->first >= end) break;
    __u64 first = extent->first > sector ? extent->first : sector;
    __u64 last = extent->first + extent->sectors;
    if (last > end) last = end;
    if (last > first) payload += (last - first) * SECTOR;
  }
  if (payload >= beyond_payload && last_sector >= sector && last_sector < end) payload -= beyond_payload;
  return payload;
}

static __always_inline struct gendisk* disk_of(struct request* request) {
  struct request_queue* queue = BPF_CORE_READ(request, q);
  /* d152c682f03c (5.15) added it; f3fa33acca9f (5.17) removed the request's own. */
  if (bpf_core_field_exists(queue->disk)) return BPF_CORE_READ(queue, disk);
  struct request___before_5_17* old = (void*)request;
  return BPF_CORE_READ(old, rq_disk);
}

static __always_inline bool on_source_disk(struct gendisk* disk) {
  return BPF_CORE_READ(disk, major) == disk_major && BPF_CORE_READ(disk, first_minor) == disk_minor;
}

/* loop, null_blk, nbd, ublk: a disk without hardware has no parent. What its driver does with the bytes, it does in
 * threads of its own, by ways that no hook is on. */
static __always_inline bool has_hardware(struct gendisk* disk) {
  struct hd_struct* old = 0;
  if (bpf_core_field_exists(old->__dev)) {
    struct gendisk___before_5_11* old_disk = (void*)disk;
    return BPF_CORE_READ(old_disk, part0.__dev.parent) != 0;
  }
  struct block_device* whole = BPF_CORE_READ(disk, part0);
  return !bpf_core_field_exists(whole->bd_device) || BPF_CORE_READ(whole, bd_device.parent) != 0;
}

/* What the first page of a bio is: of a file, by its inode, or a program's own memory. */
struct owner_of_page {
  struct inode* inode; /* 0: not of a file on a disk */
  bool of_program;     /* anonymous, or of tmpfs or hugetlbfs, which shared memory is too: direct I/O */
};

static __always_inline struct page* head_of(struct page* page) {
  __u64 word;
  struct page___compound_info* newer = (void*)page;
  if (bpf_core_field_exists(newer->compound_info))
    word = BPF_CORE_READ(newer, compound_info);
  else
    word = BPF_CORE_READ(page, compound_head);
  if (!(word & 1)) return page;
  /* The head's address; on 7.2 a mask of the page's own, where struct page is of a power of two. */
  if (word >> 32 == 0xffffffff) return (void*)((__u64)page & word & ~1ull);
  return (void*)(word - 1);
}

static __always_inline struct owner_of_page owner_of(struct bio* bio) {
  struct owner_of_page owner = {};
  struct bio_vec* vector = BPF_CORE_READ(bio, bi_io_vec);
  if (!vector) return owner;
  struct page* page = 0;
  __u64 at = (__u64)vector + BPF_CORE_READ(bio, bi_iter.bi_idx) * bpf_core_type_size(struct bio_vec);
  vector = (void*)at;
  page = BPF_CORE_READ(vector, bv_page);
  if (!page) return owner;
  __u64 mapping = (__u64)BPF_CORE_READ(head_of(page), mapping);
  owner.of_program = mapping & 1;
  if (mapping & 3 || !mapping) return owner; /* 2: movable, not a file's */
  struct address_space* space = (void*)mapping;
  unsigned long magic = BPF_CORE_READ(space, host, i_sb, s_magic);
  owner.of_program = magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC;
  if (!owner.of_program) owner.inode = BPF_CORE_READ(space, host);
  return owner;
}

static const struct disk_state no_disk = {};
static const struct asked_read nobody = {};

static __always_inline struct disk_state* this_disk(void) {
  if (real_time) {
    __u64 task = key_of_task();
    struct disk_state* state = bpf_map_lookup_elem(&disks_of_tasks, &task);
    if (state) return state;
    bpf_map_update_elem(&disks_of_tasks, &task, &no_disk, BPF_ANY);
    return bpf_map_lookup_elem(&disks_of_tasks, &task);
  }
  __u32 zero = 0;
  return bpf_map_lookup_elem(&disks, &zero);
}

/* By another than the thread that asked, in a call that may have ended. */
static __always_inline void keep_issued(const struct asked_read* asked, struct issued_read* issued) {
  if (!asked->t) return;
  __u32 tid = asked->tid;
  issued->t = asked->t;
  struct issued_read* sum = bpf_map_lookup_elem(&issued_reads, &tid);
  if (!sum) {
    if (bpf_map_update_elem(&issued_reads, &tid, issued, BPF_NOEXIST) == 0) return;
    sum = bpf_map_lookup_elem(&issued_reads, &tid); /* another was quicker */
    if (!sum) return;
  }
  if (sum->t != asked->t) {
    *sum = *issued;
    return;
  }
  __sync_fetch_and_add(&sum->bytes, issued->bytes);
  __sync_fetch_and_add(&sum->direct_bytes, issued->direct_bytes);
  __sync_fetch_and_add(&sum->fetched_bytes, issued->fetched_bytes);
  __sync_fetch_and_add(&sum->unseen_bytes, issued->unseen_bytes);
  __sync_fetch_and_add(&sum->bounced_bytes, issued->bounced_bytes);
}

/* The copy between the bounce buffer and the memory that the device cannot reach: the flow's, else the call's. */
static __always_inline void account_bounced(struct zc_edge* edge, const struct zc_flow_key* flow, __u64 bytes) {
  edge->by = ZC_CPU;
  edge->probe = ZC_P_swiotlb_bounced;
  if (!flow) {
    account_move(edge, in_softirq() ? 0 : current_call(), bytes);
    struct disk_state* state = this_disk();
    struct issued_read bounced = {.bounced_bytes = bytes};
    if (state && state->asker.t && state->asker.tid != current_tid()) keep_issued(&state->asker, &bounced);
    return;
  }
  struct zc_flow_key key = *flow;
  struct zc_flow more = {.cost = {.cpu_bytes = bytes}};
  add_to_ledger(edge, bytes);
  account_flow(&key, &more);
}

/* By DMA, and where the memory was bounced, by the CPU too: a driver maps the memory before it issues the request (nvme)
 * or after (scsi). */
static __always_inline void account_transfer(struct zc_edge* edge, const struct zc_flow_key* flow, __u64 bytes) {
  edge->by = ZC_DMA;
  edge->probe = ZC_P_block_rq_issue;
  edge->mechanism = ZC_EVENT;
  edge->context = context_here();
  add_to_ledger(edge, bytes);
  struct disk_state* state = this_disk();
  if (!state) return;
  __u64 bounced = state->tid == current_tid() ? state->bounced : 0;
  if (bounced > bytes) bounced = bytes;
  if (bounced) {
    maps_before_issue = 1;
    state->bounced -= bounced;
    account_bounced(edge, flow, bounced);
  } else if (!maps_before_issue) {
    state->issued_tid = current_tid();
    state->issued_left = bytes;
    state->issued = *edge;
  }
}

#define PCI_STORAGE 1

/* A storage device's memory is bounced by copying it. Once a mapping: what is read is copied at the end, what is written
 * at the beginning; that the old content goes into the buffer of a read as well (since 5.18, aa6f8dcbab47) moves no
 * payload. */
SEC("raw_tp/swiotlb_bounced")
int swiotlb_bounced(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_swiotlb_bounced);
  if (!window_is_open()) return 0;
  struct device* device = (void*)ctx->args[0];
  __u64 bytes = ctx->args[2];
  const char* bus = BPF_CORE_READ(device, bus, name);
  char name[4] = {};
  bpf_probe_read_kernel(name, sizeof name, bus);
  if (!begins_with(name, "pci", sizeof "pci")) return 0;
  struct pci_dev* card = (void*)device - bpf_core_field_offset(struct pci_dev, dev);
  if (BPF_CORE_READ(card, class) >> 16 != PCI_STORAGE) return 0;
  struct disk_state* state = this_disk();
  if (!state) return 0;
  __u32 tid = current_tid();
  if (state->issued_tid == tid && state->issued_left) {
    if (bytes > state->issued_left) bytes = state->issued_left;
    state->issued_left -= bytes;
    struct zc_edge edge = state->issued;
    account_bounced(&edge, 0, bytes);
    return 0;
  }
  if (state->tid != tid) state->bounced = 0;
  state->tid = tid;
  state->bounced += bytes;
  return 0;
}

#define BIOS 320 /* of one request that are looked at: a page each of BLK_DEF_MAX_SECTORS, 1280 KiB */

static __always_inline struct zc_file file_of_page(struct inode* inode) {
  struct zc_file file = {.ino = BPF_CORE_READ(inode, i_ino), .dev = BPF_CORE_READ(inode, i_sb, s_dev)};
  return file;
}

/* Is it the file that the call puts bytes into? */
static __always_inline bool is_written_by(const struct call* call, const struct zc_file* file) {
  return (call->pages.ino == file->ino && call->pages.dev == file->dev) ||
         (call->flow.to.ino == file->ino && call->flow.to.dev == file->dev);
}

/* Gives what is written by a bio to the flow that wrote it: the program's own memory to the call, a file's page to who
 * wrote to the file last. Not inlined: the verifier then checks it once. */
__noinline int written_bio(__u32 index) {
  struct disk_state* state = this_disk();
  if (!state || index >= BIOS || !state->next) return 0;
  struct bio* bio = (void*)state->next;
  state->next = (__u64)BPF_CORE_READ(bio, bi_next);
  __u64 bytes = BPF_CORE_READ(bio, bi_iter.bi_size);
  struct owner_of_page owner = owner_of(bio);
  struct zc_edge edge = {.role = ZC_SENDER, .from = ZC_FILE, .to = ZC_DISK};
  struct call* call = in_softirq() || !active_target() ? 0 : current_call();
  const struct zc_flow_key* writer = 0; /* where it is not the call's */
  bool puts = call && (call->direction == DIRECTION_OUT || call->direction == DIRECTION_THROUGH);
  if (!owner.inode) {
    if (!owner.of_program || !call) return 1;
    edge.from = ZC_USER_BUFFER;
    if (puts && !call->is_request) { /* a request's: block_bio_queue */
      call->direct_bytes += bytes;
      call->cost.written_bytes += bytes;
    }
  } else {
    struct zc_file file = file_of_page(owner.inode);
    bool here = puts && is_written_by(call, &file);
    if (!here) writer = bpf_map_lookup_elem(&writers, &file);
    if (here) {
      call->cost.written_bytes += bytes;
    } else if (writer) {
      struct zc_flow_key key = *writer;
      struct zc_flow more = {.last = 0};
      if (call)
        more.cost.written_bytes = bytes;
      else
        more.written_later = bytes;
      account_flow(&key, &more);
    } else {
      return 1;
    }
  }
  add_sum(ZC_SENDER, ZC_S_WRITTEN_BYTES, bytes);
  state->found += bytes;
  account_transfer(&edge, writer, bytes);
  return 1;
}

static __always_inline void written_request(struct request* request) {
  struct disk_state* state = this_disk();
  if (!state) return;
  state->asker = nobody;
  state->found = 0;
  state->next = (__u64)BPF_CORE_READ(request, bio);
  for (__u32 i = 0; i < BIOS; i++)
    if (!written_bio(i)) break;
  if (state->found) add_sum(ZC_SENDER, ZC_S_WRITE_REQUESTS, 1);
}

/* No device fetches or stores these: nothing of what moves them is seen. */
static __always_inline void unseen_request(struct call* call, __u32 operation, __u64 bytes) {
  if (operation == REQ_OP_READ) call->cost.disk_bytes += bytes;
  call->why |= ZC_WHY_DISK;
}

/* Any bio that is queued: one of a traced thread's reads is remembered, any other may have the memory of one that was. */
static __always_inline void remember_read(struct bio* bio, __u32 operation) {
  __u64 key = (__u64)bio;
  if (in_softirq() || !active_target() || operation != REQ_OP_READ) {
    bpf_map_delete_elem(&asked_reads, &key);
    return;
  }
  struct call* call = current_system_call();
  struct asked_read asked = {.t = call ? call->t : 0, .tid = current_tid()};
  if (call) {
    call->asked_disk = 1;
    asked.passes_on = call->direction == DIRECTION_THROUGH && call->direct;
  }
  bpf_map_update_elem(&asked_reads, &key, &asked, BPF_ANY);
}

/* Who asked for a read that is issued. Of a bio that was too large for the device, the part in front is a bio of its own
 * whose end is told to the whole (bio_chain): only that was announced. */
static __always_inline struct asked_read* who_asked(struct request* request) {
  struct bio* bio = BPF_CORE_READ(request, bio);
  __u64 key = (__u64)bio;
  struct asked_read* asked = bpf_map_lookup_elem(&asked_reads, &key);
  if (asked) return asked;
  key = (__u64)BPF_CORE_READ(bio, bi_private);
  return bpf_map_lookup_elem(&asked_reads, &key);
}

static __always_inline void credit_call(struct call* call, const struct issued_read* issued) {
  if (call->is_request) return; /* block_bio_queue does */
  call->device_bytes += issued->bytes;
  call->direct_bytes += issued->direct_bytes;
  call->cost.disk_bytes += issued->fetched_bytes;
}

static __always_inline void credit_issued(struct call* call, const struct asked_read* asked,
                                          struct issued_read* issued) {
  if (asked && asked->tid != current_tid())
    keep_issued(asked, issued);
  else if (call)
    credit_call(call, issued);
}

/* At the end of a call: what others issued for it meanwhile. */
__noinline int take_issued(void) {
  struct call* call = current_system_call();
  __u32 tid = current_tid();
  struct issued_read* issued = bpf_map_lookup_elem(&issued_reads, &tid);
  if (!issued) return 0;
  if (call && call->t == issued->t) {
    credit_call(call, issued);
    call->cost.cpu_bytes += issued->bounced_bytes;
    if (issued->unseen_bytes) unseen_request(call, REQ_OP_READ, issued->unseen_bytes);
  }
  bpf_map_delete_elem(&issued_reads, &tid);
  return 0;
}

SEC("raw_tp/block_rq_issue")
int block_rq_issue(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_block_rq_issue);
  if (!window_is_open()) return 0;
  struct request* request = (void*)(block_rq_argument ? ARGUMENT(ctx, 1) : ARGUMENT(ctx, 0));
  __u32 operation = BPF_CORE_READ(request, cmd_flags) & REQUEST_OPERATION;
  if (operation > REQ_OP_WRITE) return 0;
  struct gendisk* disk = disk_of(request);
  __u64 bytes = BPF_CORE_READ(request, __data_len);
  struct call* call = 0;
  struct asked_read* asked = 0;
  if (follow_programs && operation == REQ_OP_READ) {
    asked = who_asked(request);
    if (asked && asked->tid == current_tid()) call = current_call();
  } else if (follow_programs && active_target()) {
    call = current_call();
  }
  struct issued_read issued = {.bytes = bytes};
  if (!has_hardware(disk)) {
    if (call || (asked && asked->t)) add_sum(ZC_SENDER, ZC_S_UNSEEN_DISK_BYTES, bytes);
    if (call)
      unseen_request(call, operation, bytes);
    else
      issued.unseen_bytes = bytes;
    credit_issued(call, asked, &issued);
    return 0;
  }
  if (operation == REQ_OP_WRITE) {
    if (call) credit_call(call, &issued);
    if (follow_programs) written_request(request);
    return 0;
  }
  if (!follow_programs && !on_source_disk(disk)) return 0;
  if (follow_programs ? !asked : !extents_known && !active_target()) return 0;
  struct zc_disk_request entry = {.t = bpf_ktime_get_ns(),
                                  .sector = BPF_CORE_READ(request, __sector),
                                  .bytes = bytes,
                                  .tid = asked ? asked->tid : current_tid()};
  entry.left = entry.bytes;
  entry.payload = !follow_programs && extents_known ? payload_of(entry.sector, entry.bytes) : entry.bytes;
  __u64 key = (__u64)request;
  struct zc_disk_request* known = bpf_map_lookup_elem(&requests, &key);
  if (known && known->sector == entry.sector && known->bytes == entry.bytes) return 0; /* requeued */
  if (known && known->payload) add_lost(ZC_K_DISK);                               /* its completion was not seen */
  add_sum(ZC_SENDER, ZC_S_DISK_OTHER_BYTES, entry.bytes - entry.payload);
  if (entry.payload) {
    add_sum(ZC_SENDER, ZC_S_DISK_REQUESTS, 1);
    add_sum(ZC_SENDER, ZC_S_DISK_BYTES, entry.payload);
    struct bio* bio = BPF_CORE_READ(request, bio);
    bool direct = bio && owner_of(bio).of_program;
    bool passed_on = asked && asked->passes_on;
    if (direct || passed_on) issued.direct_bytes = entry.bytes;
    struct zc_edge edge = {.role = ZC_SENDER,
                           .from = ZC_DISK,
                           .to = passed_on ? ZC_PIPE : direct ? ZC_USER_BUFFER : ZC_PAGE_CACHE};
    struct disk_state* state = this_disk();
    if (state) state->asker = asked ? *asked : nobody;
    account_transfer(&edge, 0, entry.payload);
    issued.fetched_bytes = entry.payload;
  }
  credit_issued(call, asked, &issued);
  if (bpf_map_update_elem(&requests, &key, &entry, BPF_ANY) && entry.payload) add_lost(ZC_K_DISK);
  return 0;
}

SEC("raw_tp/block_rq_complete")
int block_rq_complete(struct bpf_raw_tracepoint_args* ctx) {
  HOLD_CPU;
  count_hit(ZC_P_block_rq_complete);
  __u64 key = ctx->args[0];
  struct zc_disk_request* entry = bpf_map_lookup_elem(&requests, &key);
  if (!entry) return 0;
  __u32 done = ctx->args[2];
  entry->left -= done < entry->left ? done : entry->left;
  if (entry->left) return 0;
  struct zc_record* record = entry->payload ? new_record(ZC_K_DISK, ZC_SENDER, ZC_RECORD_SHORT) : 0;
  if (record) {
    record->tid = entry->tid;
    record->dur = record->t - entry->t;
    record->t = entry->t;
    record->result = entry->sector;
    record->bytes = entry->bytes;
    record->bytes2 = entry->payload;
    submit(record);
  }
  bpf_map_delete_elem(&requests, &key);
  return 0;
}
