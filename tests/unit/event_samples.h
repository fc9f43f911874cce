#pragma once

#include <algorithm>

#include "tests/unit/timeline_samples.h"

/// Runs with their events, as they might have been measured. Test data only: plausible times, none of them from a run.
namespace zctrace::samples {

inline constexpr uint64_t kUs = 1000;
inline constexpr uint32_t kSenderTask = 201, kReceiverTask = 200;

/// Puts events into a document.
class Recorder {
 public:
  explicit Recorder(Document& document) : document_(document) {}

  uint16_t name(const std::string& text) {
    auto& names = document_.names;
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end()) return static_cast<uint16_t>(found - names.begin());
    names.push_back(text);
    return static_cast<uint16_t>(names.size() - 1);
  }

  Event& add(EventKind kind, const std::string& what, uint64_t at, uint64_t duration, uint32_t task = kSenderTask,
             Side side = Side::sender) {
    Event event;
    event.kind = kind;
    event.t_ns = at;
    event.dur_ns = duration;
    event.task = task;
    event.side = side;
    event.name = name(what);
    document_.events.push_back(event);
    return document_.events.back();
  }

  Event& call(const std::string& what, uint64_t at, uint64_t duration, int64_t result, uint32_t task = kSenderTask,
              Side side = Side::sender) {
    auto& event = add(EventKind::syscall, what, at, duration, task, side);
    event.result = result;
    return event;
  }

  void fold(Event& call, const std::string& function, End from, End to, Mover by, uint32_t calls, uint32_t at) {
    auto& copy = call.folded[call.folded[0].calls == 0 ? 0 : 1];
    copy = {name(function), from, to, by, {}, calls, at, static_cast<uint64_t>(std::max<int64_t>(call.result, 0))};
  }

  Event& disk(uint64_t at, uint64_t duration, uint64_t bytes) {
    auto& event = add(EventKind::disk, "read", at, duration);
    event.bytes = event.bytes2 = bytes;
    event.result = -1;
    return event;
  }

  Event& transmit(uint64_t at, uint32_t segments, uint64_t bytes) {
    auto& event = add(EventKind::transmit, "eth0", at, 0, 0);
    event.count = segments;
    event.bytes2 = bytes;
    event.result = 66;
    return event;
  }

  /// In time order, as a document has them.
  void sort() {
    std::stable_sort(document_.events.begin(), document_.events.end(),
                     [](const Event& a, const Event& b) { return a.t_ns < b.t_ns; });
  }

 private:
  Document& document_;
};

/// Around a sender that is done at `end`: the marks, and a receiver that copies each chunk.
inline void surroundings(Document& document, uint64_t rounds, uint64_t period, uint64_t end) {
  Recorder recorder(document);
  recorder.add(EventKind::mark, "transfer begins", 5 * kUs, 0);
  for (uint64_t i = 0; i < rounds; ++i) {
    auto& call = recorder.call("read", 60 * kUs + i * period, period / 2, 65536, kReceiverTask, Side::receiver);
    recorder.fold(call, "_copy_to_iter", End::socket_buffer, End::user_buffer, Mover::cpu, 45, 20'000);
    recorder.add(EventKind::off_cpu, "voluntary", 62 * kUs + i * period, period / 8, kReceiverTask, Side::receiver);
  }
  recorder.add(EventKind::mark, "transfer ends", end, 0);
  recorder.add(EventKind::mark, "send queue empty", end + 800 * kUs, 0);
  recorder.add(EventKind::mark, "received", end + 900 * kUs, 0, kReceiverTask, Side::receiver);
  recorder.sort();
  document.run.duration_ns = end + 900 * kUs;
}

/// 64 rounds of read and write; round i takes 300 us and i us, so that the 32nd is the median: 331 us.
inline Document read_write_events() {
  auto document = read_write();
  Recorder recorder(document);
  constexpr uint64_t kPeriod = 500 * kUs;
  for (uint64_t i = 0; i < 64; ++i) {
    const uint64_t at = 10 * kUs + i * kPeriod;
    auto& read = recorder.call("read", at, 120 * kUs, 65536);
    recorder.fold(read, "_copy_to_iter", End::page_cache, End::user_buffer, Mover::cpu, 16, 90'000);
    recorder.disk(at + 15 * kUs, 60 * kUs, 65536);
    recorder.add(EventKind::off_cpu, "voluntary", at + 20 * kUs, 55 * kUs);
    auto& write = recorder.call("write", at + 130 * kUs, 170 * kUs + i * kUs, 65536);
    recorder.fold(write, "_copy_from_iter", End::user_buffer, End::socket_buffer, Mover::cpu, 3, 20'000);
    recorder.transmit(at + 180 * kUs, 45, 65160);
    recorder.add(EventKind::softirq, "NET_RX", at + 190 * kUs, 40 * kUs);
  }
  surroundings(document, 64, kPeriod, 10 * kUs + 64 * kPeriod);
  return document;
}

inline Document sendfile_events() {
  auto document = sendfile(true);
  Recorder recorder(document);
  constexpr uint64_t kPeriod = 200 * kUs;
  for (uint64_t i = 0; i < 64; ++i) {
    const uint64_t at = 10 * kUs + i * kPeriod;
    auto& call = recorder.call("sendfile", at, 100 * kUs + i * kUs, 65536);
    recorder.fold(call, "skb_splice_from_iter", End::page_cache, End::socket_buffer, Mover::reference, 2, 30'000);
    recorder.transmit(at + 60 * kUs, 45, 65160);
  }
  surroundings(document, 64, kPeriod, 10 * kUs + 64 * kPeriod);
  return document;
}

inline Document tee_events() {
  auto document = tee();
  Recorder recorder(document);
  constexpr uint64_t kPeriod = 400 * kUs;
  for (uint64_t i = 0; i < 64; ++i) {
    const uint64_t at = 10 * kUs + i * kPeriod;
    const auto reference = [&](const char* name, uint64_t after, const char* function, End from, End to) {
      auto& call = recorder.call(name, at + after * kUs, 40 * kUs, 65536);
      recorder.fold(call, function, from, to, Mover::reference, 1, 10'000);
    };
    reference("splice", 0, "filemap_splice_read", End::page_cache, End::pipe);
    reference("tee", 50, "do_tee", End::pipe, End::pipe);
    reference("splice", 100, "skb_splice_from_iter", End::pipe, End::socket_buffer);
    reference("splice", 150, "skb_splice_from_iter", End::pipe, End::socket_buffer);
  }
  surroundings(document, 64, kPeriod, 10 * kUs + 64 * kPeriod);
  return document;
}

/// One mmap before, one munmap after all writes.
inline Document mmap_write_events() {
  auto document = mmap_write();
  Recorder recorder(document);
  recorder.call("mmap", 6 * kUs, 3 * kUs, 0x7ff0'0000'0000);
  constexpr uint64_t kPeriod = 200 * kUs;
  for (uint64_t i = 0; i < 64; ++i) {
    auto& call = recorder.call("write", 10 * kUs + i * kPeriod, 150 * kUs, 65536);
    call.count = 1;
    recorder.fold(call, "_copy_from_iter", End::page_cache, End::socket_buffer, Mover::cpu, 3, 30'000);
  }
  recorder.call("munmap", 11 * kUs + 64 * kPeriod, 5 * kUs, 0);
  surroundings(document, 64, kPeriod, 20 * kUs + 64 * kPeriod);
  return document;
}

/// Direct I/O: the disk writes into the user's buffer.
inline Document direct_io_events() {
  auto document = direct_io();
  Recorder recorder(document);
  constexpr uint64_t kPeriod = 500 * kUs;
  for (uint64_t i = 0; i < 64; ++i) {
    const uint64_t at = 10 * kUs + i * kPeriod;
    recorder.call("read", at, 200 * kUs, 65536);
    recorder.disk(at + 15 * kUs, 150 * kUs, 65536);
    recorder.add(EventKind::off_cpu, "voluntary", at + 20 * kUs, 160 * kUs);
    auto& write = recorder.call("write", at + 210 * kUs, 100 * kUs, 65536);
    recorder.fold(write, "_copy_from_iter", End::user_buffer, End::socket_buffer, Mover::cpu, 3, 20'000);
  }
  surroundings(document, 64, kPeriod, 10 * kUs + 64 * kPeriod);
  return document;
}

/// read + write where only the calls were seen.
inline Document inferred_events() {
  auto document = read_write_events();
  const auto head = inferred();
  document.run = head.run;
  document.ledger = head.ledger;
  return document;
}

}  // namespace zctrace::samples
