#include "userspace/capture/flow_table.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>

#include "userspace/capture/mirrored.h"
#include "userspace/capture/scoped_sched_fifo.h"
#include "userspace/capture/take_each.h"

namespace zctrace::capture {

using namespace timeline;

namespace {

constexpr uint64_t kPendingNs = 2'000'000'000, kAttributedNs = 60'000'000'000, kWrittenNs = 60'000'000'000;

/// Does a capture by system calls alone show whether it copies? A TCP packet that is not made of pages may have been
/// copied once more, for a device without scatter-gather.
bool copies_known_from_calls(const zc_place& from, const zc_place& to, bool udp, unsigned method, const zc_flow& sum) {
  for (const zc_place& end : {from, to})
    if (end.kind == ZC_AT_DEVICE || end.kind == ZC_AT_OTHER) return false;
  return (udp || !sum.sent_linear) &&
         !(method == ZC_SENDFILE || method == ZC_SPLICE || method == ZC_TEE || method == ZC_COPY_FILE_RANGE ||
           method == ZC_MSG_ZEROCOPY || method == ZC_VMSPLICE);
}

Unexplained unexplained_by(uint64_t why) {
  if (why & ZC_WHY_KERNEL_TLS) return Unexplained::kernel_tls;
  if (why & ZC_WHY_DISK) return Unexplained::disk;
  return why & ZC_WHY_FUSE ? Unexplained::fuse : Unexplained::unseen;
}

std::optional<Uncounted> at_least_by(uint64_t why) {
  if (why & ZC_MORE_NETWORK) return Uncounted::network;
  if (why & ZC_MORE_TERMINAL) return Uncounted::terminal;
  if (why & ZC_MORE_JOURNAL) return Uncounted::journal;
  return {};
}

void add_to(zc_flow& sum, const zc_flow& more) {
  sum.bytes += more.bytes;
  sum.repeated_bytes += more.repeated_bytes;
  sum.cost.calls += more.cost.calls;
  sum.cost.requests += more.cost.requests;
  sum.cost.cpu_bytes += more.cost.cpu_bytes;
  sum.cost.buffer_bytes += more.cost.buffer_bytes;
  sum.cost.tls_bytes += more.cost.tls_bytes;
  sum.cost.reference_bytes += more.cost.reference_bytes;
  sum.cost.disk_bytes += more.cost.disk_bytes;
  sum.cost.transform_bytes += more.cost.transform_bytes;
  sum.cost.cipher |= more.cost.cipher;
  sum.cost.written_bytes += more.cost.written_bytes;
  sum.cost.unexplained_bytes += more.cost.unexplained_bytes;
  sum.cost.why |= more.cost.why;
  sum.written_later += more.written_later;
  if (sum.error == 0) sum.error = more.error;
  if (sum.error == more.error) sum.refused += more.refused;
  sum.sent_bytes += more.sent_bytes;
  sum.sent_linear += more.sent_linear;
  sum.sent_dma += more.sent_dma;
  if (more.first && (!sum.first || more.first < sum.first)) sum.first = more.first;
  sum.last = std::max<uint64_t>(sum.last, more.last);
}

std::string error_name(uint64_t number) {
  const char* name = strerrorname_np(static_cast<int>(number));
  return name ? name : std::to_string(number);
}

void name_threads(const std::map<std::string, uint64_t>& threads, uint64_t by_others, FlowPart& part) {
  for (const auto& [name, bytes] : threads) part.threads.push_back(name);
  std::ranges::stable_sort(part.threads, std::ranges::greater{}, [&](const auto& name) { return threads.at(name); });
  part.more_threads = part.threads.size() > kThreads || by_others != 0;
  if (part.threads.size() > kThreads) part.threads.resize(kThreads);
}

}  // namespace

void FlowTable::Part::add_thread(const char* name, uint64_t bytes) {
  constexpr size_t kMost = 32;  // counted, so that those that moved most are known
  const std::string text(name, strnlen(name, ZC_THREAD_NAME));
  if (text.empty() || bytes == 0) return;
  if (threads.size() < kMost || threads.contains(text))
    threads[text] += bytes;
  else
    by_others += bytes;
}

void FlowTable::Part::add(const Part& more) {
  add_to(sum, more.sum);
  for (const auto& [name, bytes] : more.threads) add_thread(name.c_str(), bytes);
  by_others += more.by_others;
}

FlowTable::FlowTable(const FlowMaps& maps, bool inferred, size_t most)
    : maps_(maps), inferred_(inferred), most_(most), processes_(maps.processes) {}

FlowTable::Entry& FlowTable::add(const zc_flow_key& key, const Part& more) {
  const uint32_t process = processes_.number_of(key.process);
  const Ends ends{told_as(key.from), told_as(key.to), process};
  Entry& entry = entries_[ends];
  entry.process = process;
  entry.from = ends.from;
  entry.to = ends.to;
  entry.last = std::max<uint64_t>(entry.last, more.sum.last);
  entry.parts[{key.method, key.link}].add(more);
  if (maps_.copiers >= 0) flow_numbers_.try_emplace(zc_number_of_flow(&key), ends);
  return entry;
}

/// The place that its flows are gathered under; its name is learnt.
zc_place FlowTable::told_as(const zc_place& place) {
  if (const zc_place known = connections_.place_of(place, ""); connections_.fold(known)) return known;
  take_name(place);
  if (place.kind != ZC_AT_SOCKET) return place;
  const zc_place as = connections_.place_of(place, names_.at(place).text);
  if (connections_.fold(as)) names_.erase(place);
  return as;
}

void FlowTable::add_pending_read(const zc_pending_read& pending, const zc_place& to) {
  zc_flow_key key{};
  key.from = pending.from;
  key.to = to;
  key.process = pending.process;
  key.method = pending.method;
  key.link = to.kind == ZC_AT_MEMORY ? ZC_UNLINKED : ZC_BY_CALL;
  Part more;
  more.sum.bytes = pending.bytes - pending.taken;
  more.sum.cost = pending.cost;
  more.sum.first = pending.t;
  more.sum.last = pending.used;
  more.add_thread(pending.thread, more.sum.bytes);
  Entry& entry = add(key, more);
  if (maps_.copiers < 0) return;
  for (const zc_copier& by : pending.cost.by)
    if (by.bytes) add_copied(entry, by.stack, {by.bytes, by.calls});
}

void FlowTable::add_copied(Entry& entry, uint64_t stack, const zc_copied& more) {
  zc_copied& sum = entry.copied_by[stack];
  sum.bytes += more.bytes;
  sum.calls += more.calls;
}

void FlowTable::take(uint64_t now_ns, bool all) {
  const ScopedSchedFifo fifo;
  take_sums(all);
  take_buffers(now_ns, all);
  take_pipes(now_ns, all);
  take_new_names();
  fold_quiet();
  forget_names();
  forget_writers(now_ns);
  processes_.take(now_ns);
}

void FlowTable::take_sums(bool all) {
  const uint32_t newest = *maps_.generation;
  take_each<zc_flow_key, zc_flow_sum>(
      maps_.flows, [&](const zc_flow_key& key, const zc_flow_sum&) { return all || key.generation != newest; },
      [&](const zc_flow_key& key, const zc_flow_sum& sum) {
        Part part;
        part.sum = sum.flow;
        for (const zc_thread& thread : sum.threads) part.add_thread(thread.name, thread.bytes);
        part.by_others = sum.by_others;
        add(key, part);
      });
  take_copiers(newest, all);
  // What is being added just now is added before the next time.
  *maps_.generation = newest + 1;
}

void FlowTable::take_copiers(uint32_t newest, bool all) {
  if (maps_.copiers < 0) return;
  // A flow's sum comes at the same time or before.
  take_each<zc_copier_key, zc_copied>(
      maps_.copiers,
      [&](const zc_copier_key& key, const zc_copied&) {
        return (all || key.generation != newest) && flow_numbers_.contains(key.flow);
      },
      [&](const zc_copier_key& key, const zc_copied& copied) {
        const auto entry = entries_.find(flow_numbers_.at(key.flow));
        if (entry != entries_.end()) add_copied(entry->second, key.stack, copied);
      });
  if (flow_numbers_.size() > 4 * most_) flow_numbers_.clear();
}

void FlowTable::take_buffers(uint64_t now_ns, bool all) {
  zc_place memory{};
  memory.kind = ZC_AT_MEMORY;
  const uint64_t attributed_ns = buffers_ < ZC_MAX_BUFFERS / 2 ? kAttributedNs : kPendingNs;
  const auto rest = [](const zc_pending_read& pending) { return pending.taken < pending.bytes; };
  buffers_ = take_each<zc_buffer_key, zc_pending_read>(
      maps_.buffers,
      [&](const zc_buffer_key&, const zc_pending_read& pending) {
        const uint64_t age = now_ns > pending.used ? now_ns - pending.used : 0;
        return all || age >= (rest(pending) ? kPendingNs : attributed_ns);
      },
      [&](const zc_buffer_key&, const zc_pending_read& pending) {
        if (rest(pending)) add_pending_read(pending, memory);
      });
}

void FlowTable::take_pipes(uint64_t now_ns, bool all) {
  take_each<zc_place, zc_pending_read>(
      maps_.pipes,
      [&](const zc_place&, const zc_pending_read& pending) {
        const uint64_t age = now_ns > pending.used ? now_ns - pending.used : 0;
        return all || age >= kPendingNs;
      },
      [&](const zc_place& pipe, const zc_pending_read& pending) {
        if (pending.bytes) add_pending_read(pending, pipe);
      });
}

/// Folds the quieter half by kinds of ends. Their names go with them.
void FlowTable::fold_quiet() {
  if (entries_.size() <= most_) return;
  std::vector<uint64_t> times;
  for (const auto& [ends, entry] : entries_) times.push_back(entry.last);
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  const uint64_t middle = times[times.size() / 2];
  std::map<Ends, Entry, EndsOrder> kept;
  for (auto& [ends, entry] : entries_) {
    const bool folded = entry.last <= middle && (entry.from.ino || entry.to.ino);
    if (!folded && (entry.from.ino || entry.to.ino)) {
      kept.emplace(ends, std::move(entry));
      continue;
    }
    merged_ += folded;
    zc_place from{}, to{};
    from.kind = entry.from.kind;
    to.kind = entry.to.kind;
    const uint32_t process = processes_.fold_of(entry.process);
    Entry& sum = kept[{from, to, process}];
    sum.process = process;
    sum.from = from;
    sum.to = to;
    sum.last = std::max(sum.last, entry.last);
    for (const auto& [key, part] : entry.parts) sum.parts[key].add(part);
    for (const auto& [stack, copied] : entry.copied_by) add_copied(sum, stack, copied);
  }
  entries_ = std::move(kept);
  keep_names_of_flows();
}

/// Files that nobody has written to for a while: the kernel has written their pages to the disk.
void FlowTable::forget_writers(uint64_t now_ns) {
  if (now_ns < then_ns_ + kWrittenNs) return;
  const auto none = [](const zc_file&, const zc_flow_key&) { return false; };
  const auto old = [&](const zc_file&, const zc_flow_key& flow) {
    return static_cast<int32_t>(flow.generation - generation_then_) < 0;
  };
  const auto forget = [](const zc_file&, const zc_flow_key&) {};
  if (take_each<zc_file, zc_flow_key>(maps_.writers, none, {}) >= ZC_MAX_WRITERS / 2)
    take_each<zc_file, zc_flow_key>(maps_.writers, old, forget);
  generation_then_ = *maps_.generation;
  then_ns_ = now_ns;
}

Flows FlowTable::flows(uint64_t begin_ns) const {
  Flows all;
  all.merged = merged_;
  const Peers known_peers = peers();
  const auto since = [&](uint64_t t) { return t > begin_ns ? t - begin_ns : 0; };
  for (const auto& [ends, entry] : entries_) {
    Flow flow;
    flow.from = end_of(entry.from, known_peers);
    flow.to = end_of(entry.to, known_peers);
    set_process(flow, processes_.named(entry.process));
    for (const auto& [key, gathered] : entry.parts) {
      const zc_flow& sum = gathered.sum;
      FlowPart& part = flow.parts.emplace_back();
      part.method = to_flow_method(key.first);
      part.link = to_flow_link(key.second);
      part.bytes = sum.bytes;
      part.repeated_bytes = sum.repeated_bytes;
      part.calls = sum.cost.calls;
      part.requests = sum.cost.requests;
      part.mode_switches = 2 * sum.cost.calls;
      part.cpu_bytes = sum.cost.cpu_bytes;
      part.buffer_bytes = sum.cost.buffer_bytes;
      part.tls_bytes = sum.cost.tls_bytes;
      part.facts = facts_of(sum.cost.why);
      part.refused = sum.refused;
      if (sum.refused != 0) part.error = error_name(sum.error);
      part.copies_known =
          sum.cost.unexplained_bytes == 0 &&
          (!inferred_ || copies_known_from_calls(entry.from, entry.to, has_datagrams(entry.to), key.first, sum));
      part.unexplained_bytes = sum.cost.unexplained_bytes;
      part.unexplained_by = unexplained_by(sum.cost.why);
      part.at_least_by = at_least_by(sum.cost.why);
      part.reference_bytes = sum.cost.reference_bytes;
      part.disk_bytes = sum.cost.disk_bytes;
      part.transform_bytes = sum.cost.transform_bytes;
      part.transform_by = ciphers_of(sum.cost.cipher);
      part.written_bytes = sum.cost.written_bytes + sum.written_later;
      part.written_later_bytes = sum.written_later;
      part.first_ns = since(sum.first);
      part.last_ns = since(sum.last);
      name_threads(gathered.threads, gathered.by_others, part);
      flow.sent_bytes += sum.sent_bytes;
      flow.sent_linear_bytes += sum.sent_linear;
      flow.sent_dma = flow.sent_dma || sum.sent_dma;
    }
    std::ranges::stable_sort(flow.parts, std::ranges::greater{}, &FlowPart::bytes);
    for (const auto& [stack, copied] : entry.copied_by)
      if (copied.bytes) flow.copied_by.push_back({stack, copied.bytes, copied.calls});
    all.list.push_back(std::move(flow));
  }
  std::ranges::stable_sort(all.list, std::ranges::greater{}, [](const Flow& flow) { return total(flow).bytes; });
  return all;
}

}  // namespace zctrace::capture
