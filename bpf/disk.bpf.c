/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Block requests for the payload: recognised by the file's extents on the disk, not by the task, because
 * readahead and the block layer's own threads issue them too. The ledger counts what the device was handed; the
 * timeline learns at the completion how long it took. */

#define REQUEST_OPERATION 0xff
#define REQ_OP_READ 0
#define REQ_OP_WRITE 1
#define SECTOR 512

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
  return payload;
}

static __always_inline bool on_source_disk(struct request* request) {
  struct request_queue* queue = BPF_CORE_READ(request, q);
  struct gendisk* disk;
  /* d152c682f03c (5.15) added it; f3fa33acca9f (5.17) removed the request's own. */
  if (bpf_core_field_exists(queue->disk)) {
    disk = BPF_CORE_READ(queue, disk);
  } else {
    struct request___before_5_17* old = (void*)request;
    disk = BPF_CORE_READ(old, rq_disk);
  }
  return BPF_CORE_READ(disk, major) == disk_major && BPF_CORE_READ(disk, first_minor) == disk_minor;
}

/* Requests of io_uring and libaio are handed to the device in batches, after the last of them has been worked on. */
static __always_inline bool submits_direct(const struct call* call) {
  __u32 tid = current_tid();
  const struct call* thread = bpf_map_lookup_elem(&calls, &tid);
  return (thread && thread->submits_direct) || (call && call->direct);
}

SEC("raw_tp/block_rq_issue")
int block_rq_issue(struct bpf_raw_tracepoint_args* ctx) {
  count_hit(ZC_P_block_rq_issue);
  if (!window_is_open()) return 0;
  struct request* request = (void*)(block_rq_argument ? ctx->args[1] : ctx->args[0]);
  __u32 operation = BPF_CORE_READ(request, cmd_flags) & REQUEST_OPERATION;
  if (follow_programs && operation <= REQ_OP_WRITE) {
    struct call* writer = current_call();
    if (writer && !writer->is_request) writer->device_bytes += BPF_CORE_READ(request, __data_len);
  }
  if (operation != REQ_OP_READ) return 0;
  if (!follow_programs && !on_source_disk(request)) return 0;
  if (!extents_known && !active_target()) return 0;
  struct zc_disk_request entry = {.t = bpf_ktime_get_ns(),
                                  .sector = BPF_CORE_READ(request, __sector),
                                  .bytes = BPF_CORE_READ(request, __data_len),
                                  .tid = current_tid()};
  entry.left = entry.bytes;
  entry.payload = extents_known ? payload_of(entry.sector, entry.bytes) : entry.bytes;
  __u64 key = (__u64)request;
  struct zc_disk_request* known = bpf_map_lookup_elem(&requests, &key);
  struct call* call = follow_programs ? current_call() : 0;
  bool direct = follow_programs ? submits_direct(call) : direct_in_flight;
  if (known && known->sector == entry.sector && known->bytes == entry.bytes) return 0; /* requeued */
  if (known && known->payload) add(&lost, ZC_K_DISK, 1);                               /* its completion was not seen */
  add_sum(ZC_SENDER, ZC_S_DISK_OTHER_BYTES, entry.bytes - entry.payload);
  if (entry.payload) {
    add_sum(ZC_SENDER, ZC_S_DISK_REQUESTS, 1);
    add_sum(ZC_SENDER, ZC_S_DISK_BYTES, entry.payload);
    struct zc_edge edge = {.role = ZC_SENDER,
                           .from = ZC_DISK,
                           .to = !direct                                            ? ZC_PAGE_CACHE
                                 : call && call->direction == DIRECTION_THROUGH ? ZC_PIPE
                                                                                : ZC_USER_BUFFER,
                           .by = ZC_DMA,
                           .probe = ZC_P_block_rq_issue,
                           .mechanism = ZC_EVENT,
                           .context = context_here()};
    add_to_ledger(&edge, entry.payload);
    if (call && !call->is_request) call->cost.disk_bytes += entry.payload;
  }
  if (bpf_map_update_elem(&requests, &key, &entry, BPF_ANY) && entry.payload) add(&lost, ZC_K_DISK, 1);
  return 0;
}

SEC("raw_tp/block_rq_complete")
int block_rq_complete(struct bpf_raw_tracepoint_args* ctx) {
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
    record->bytes = entry->bytes;
    record->bytes2 = entry->payload;
    submit(record);
  }
  bpf_map_delete_elem(&requests, &key);
  return 0;
}
