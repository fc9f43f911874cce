#pragma once

#include "model/timeline/model.h"

/// Runs as they might have been measured. Test data only: plausible figures, none of them from a run.
namespace zctrace::samples {

using namespace timeline;

inline constexpr uint64_t kMiB = 1024 * 1024, kSize = 4 * kMiB;

/// All figures known so well.
inline EvidenceSet all(Evidence evidence) {
  EvidenceSet all;
  all.copies = all.receiver_copies = all.system_calls = all.page_faults = evidence;
  all.context_switches = all.disk = all.nic = evidence;
  return all;
}

inline Copy copy(End from, End to, Mover by, const char* function, uint64_t bytes, uint64_t calls) {
  return {from, to, by, function, "", bytes, calls, Side::sender, Context::syscall, Evidence::exact};
}

/// A cold run of 4 MiB in 64 KiB chunks from nvme0n1 to a vmxnet3 card with all offloads on, everything seen exactly.
/// The method's copies and calls are the caller's to add.
inline Document base(const char* method) {
  Document document;
  auto& run = document.run;
  run.method = method;
  run.command = {"zctrace-workload", method};
  run.size = kSize;
  run.chunk = 64 * 1024;
  run.cache = "cold";
  run.kernel = {"6.12.107", "lab", "x86_64"};
  run.source = {"", "nvme0n1", "ext4", true, 0};
  run.path = {"nic", "eth0", "vmxnet3", true, true, true, true};
  auto& evidence = run.evidence;
  evidence.copies = evidence.receiver_copies = evidence.system_calls = evidence.page_faults = Evidence::exact;
  evidence.context_switches = evidence.disk = evidence.nic = Evidence::exact;
  evidence.mechanism = "breakpoints";
  evidence.cross_check = {
      {Side::receiver, End::socket_buffer, End::user_buffer, "_copy_to_iter", "skb_copy_datagram_iter", kSize, kSize}};
  evidence.hooks = {{"tcp_sendmsg_locked", "fexit", "fired"}, {"raw_syscalls:sys_enter", "tracepoint", "fired"}};
  run.duration_ns = 12'345'678;
  auto& ledger = document.ledger;
  ledger.payload_bytes = ledger.received_bytes = kSize;
  ledger.copies = {copy(End::disk, End::page_cache, Mover::dma, "", kSize, 33)};
  ledger.copies.push_back(copy(End::socket_buffer, End::user_buffer, Mover::cpu, "_copy_to_iter", kSize, 1060));
  ledger.copies.back().side = Side::receiver;
  ledger.copies.push_back(copy(End::socket_buffer, End::nic, Mover::dma, "", kSize, 71));
  ledger.sender.voluntary_switches = 5;
  ledger.receiver.syscalls = {{"read", 65}};
  ledger.receiver.mode_switches.syscall = 130;
  ledger.receiver.voluntary_switches = 12;
  ledger.dma = {kSize, 33, kSize, 71};
  ledger.transmit = {71, kSize, 0, kSize, 4686};
  return document;
}

inline void calls(Document& document, std::map<std::string, uint64_t> syscalls) {
  auto& sender = document.ledger.sender;
  for (const auto& [name, count] : syscalls) sender.mode_switches.syscall += 2 * count;
  sender.syscalls = std::move(syscalls);
}

inline Document read_write() {
  auto document = base("read_write");
  auto& copies = document.ledger.copies;
  copies.push_back(copy(End::page_cache, End::user_buffer, Mover::cpu, "_copy_to_iter", kSize, 1024));
  copies.push_back(copy(End::user_buffer, End::socket_buffer, Mover::cpu, "_copy_from_iter", kSize, 128));
  calls(document, {{"read", 64}, {"write", 64}});
  document.ledger.sender.user_faults = 1;
  document.ledger.sender.mode_switches.fault = 2;
  return document;
}

inline Document mmap_write() {
  auto document = base("mmap_write");
  auto& copies = document.ledger.copies;
  copies.push_back(copy(End::page_cache, End::user_buffer, Mover::reference, "filemap_map_pages", kSize, 64));
  copies.push_back(copy(End::page_cache, End::socket_buffer, Mover::cpu, "_copy_from_iter", kSize, 128));
  calls(document, {{"mmap", 1}, {"munmap", 1}, {"write", 64}});
  document.ledger.sender.kernel_faults = 64;
  return document;
}

inline Document sendfile(bool scatter_gather) {
  auto document = base("sendfile");
  auto& ledger = document.ledger;
  ledger.copies.push_back(
      copy(End::page_cache, End::socket_buffer, Mover::reference, "skb_splice_from_iter", kSize, 64));
  calls(document, {{"sendfile", 64}});
  if (scatter_gather) return document;
  document.run.path.scatter_gather = document.run.path.tso = false;
  auto linear = copy(End::socket_buffer, End::socket_buffer, Mover::cpu, "skb_copy_bits", kSize - kMiB, 2173);
  linear.via = "skb_segment";
  ledger.copies.push_back(linear);
  linear.context = Context::softirq;
  linear.bytes = kMiB;
  linear.calls = 724;
  ledger.copies.push_back(linear);
  ledger.dma.nic_packets = 2897;
  ledger.transmit = {2897, kSize, kSize, 0, 191'202};
  return document;
}

inline Document splice() {
  auto document = base("splice");
  auto& copies = document.ledger.copies;
  copies.push_back(copy(End::page_cache, End::pipe, Mover::reference, "filemap_splice_read", kSize, 64));
  copies.push_back(copy(End::pipe, End::socket_buffer, Mover::reference, "skb_splice_from_iter", kSize, 64));
  calls(document, {{"splice", 128}});
  return document;
}

inline Document tee() {
  auto document = base("tee");
  auto& ledger = document.ledger;
  document.run.sinks = 2;
  ledger.received_bytes = ledger.copies[1].bytes = ledger.copies[2].bytes = 2 * kSize;
  document.run.evidence.cross_check[0].breakpoint_bytes = document.run.evidence.cross_check[0].ftrace_bytes = 2 * kSize;
  ledger.copies.push_back(copy(End::page_cache, End::pipe, Mover::reference, "filemap_splice_read", kSize, 64));
  ledger.copies.push_back(copy(End::pipe, End::pipe, Mover::reference, "link_pipe", kSize, 64));
  ledger.copies.push_back(
      copy(End::pipe, End::socket_buffer, Mover::reference, "skb_splice_from_iter", 2 * kSize, 128));
  ledger.dma.nic_bytes = 2 * kSize;
  ledger.transmit = {142, 2 * kSize, 0, 2 * kSize, 9372};
  calls(document, {{"splice", 192}, {"tee", 64}});
  return document;
}

inline Document direct_io() {
  auto document = base("direct_io");
  auto& copies = document.ledger.copies;
  copies[0].to = End::user_buffer;
  copies.push_back(copy(End::user_buffer, End::socket_buffer, Mover::cpu, "_copy_from_iter", kSize, 128));
  calls(document, {{"read", 64}, {"write", 64}});
  return document;
}

/// The same into a file or a pipe ("file", "pipe") as 6.12 does it: into a file whatever is not copied already is.
inline Document into(Document document, const char* kind) {
  const bool file = std::string(kind) == "file";
  const auto target = file ? End::file : End::pipe;
  auto& ledger = document.ledger;
  document.run.path = {};
  document.run.path.kind = kind;
  std::erase_if(ledger.copies, [&](const Copy& copy) {
    return copy.to == End::nic || (file && copy.side == Side::receiver) ||
           (!file && copy.from == End::pipe && copy.to == End::socket_buffer);
  });
  for (auto& copy : ledger.copies) {
    if (copy.side == Side::receiver) copy.from = End::pipe;
    if (copy.to != End::socket_buffer) continue;
    copy.to = target;
    if (!file) continue;
    copy.by = Mover::cpu;
    copy.function = "copy_page_from_iter_atomic";
    copy.calls = copy.bytes / 4096;
  }
  if (file) ledger.receiver = {};
  ledger.dma.nic_bytes = ledger.dma.nic_packets = 0;
  ledger.transmit = {};
  return document;
}

/// read + write on a kernel that shows system calls only, over loopback from tmpfs.
inline Document inferred() {
  auto document = read_write();
  auto& run = document.run;
  run.kernel = {"6.18.5", "host", "x86_64"};
  run.source = {"", "tmpfs", "tmpfs", false, kSize};
  run.path = {"loopback", "lo", "loopback", false, true, true, true};
  run.cache = "warm";
  run.evidence.copies = run.evidence.receiver_copies = Evidence::inferred;
  run.evidence.mechanism = "syscalls";
  run.evidence.cross_check.clear();
  run.evidence.notes = {"This kernel refuses breakpoints and fentry: which function copied was not seen."};
  auto& ledger = document.ledger;
  std::erase_if(ledger.copies, [](const Copy& c) { return c.by == Mover::dma; });
  for (auto& each : ledger.copies) {
    each.evidence = Evidence::inferred;
    each.function.clear();
    each.calls = 64;
  }
  ledger.dma = {};
  return document;
}

/// sendfile where only tracepoints work: nobody saw whether a copy was made.
inline Document unseen() {
  auto document = inferred();
  document.run.method = "sendfile";
  document.run.evidence.copies_unknown = true;
  auto& ledger = document.ledger;
  std::erase_if(ledger.copies, [](const Copy& c) { return c.side == Side::sender; });
  ledger.copies.push_back(copy(End::page_cache, End::socket_buffer, Mover::reference, "system call", kSize, 64));
  ledger.copies.back().evidence = Evidence::inferred;
  ledger.sender.mode_switches = {};
  calls(document, {{"sendfile", 64}});
  return document;
}

}  // namespace zctrace::samples
