#include "model/timeline/event_store.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace zctrace::timeline {
namespace {

/// Which members of an event are not 0.
enum Present : uint64_t {
  dur = 1,
  name = 2,
  result = 4,
  bytes = 8,
  count = 16,
  folded_first = 32,
  edge = 64,  // up to here one byte holds all
  folded_second = 128,
  via = 256,
  bytes2 = 512,
};
constexpr uint64_t kFolded[] = {folded_first, folded_second};

/// In the first byte, above three bits of the kind.
constexpr uint8_t kReceiver = 8, kSameTask = 16, kSameCpu = 32;

/// Seven bits a byte, the lowest first; the last byte's highest bit is 0.
void put(std::string& into, uint64_t value) {
  for (; value >= 0x80; value >>= 7) into += static_cast<char>(value | 0x80);
  into += static_cast<char>(value);
}

uint64_t take(std::string_view& from) {
  uint64_t value = 0;
  size_t at = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(from[at++]);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  from.remove_prefix(at);
  return value;
}

/// Small numbers of either sign as small ones.
uint64_t folded_sign(uint64_t value) { return value << 1 ^ (value >> 63 != 0 ? ~uint64_t{0} : 0); }
uint64_t with_sign(uint64_t value) { return value >> 1 ^ (~(value & 1) + 1); }

void put_edge(std::string& into, End from, End to, Mover by, Context context) {
  into += static_cast<char>(static_cast<unsigned>(from) | static_cast<unsigned>(to) << 4);
  into += static_cast<char>(static_cast<unsigned>(by) | static_cast<unsigned>(context) << 4);
}

void take_edge(std::string_view& from_bytes, End& from, End& to, Mover& by, Context& context) {
  const auto ends = static_cast<unsigned char>(from_bytes[0]), how = static_cast<unsigned char>(from_bytes[1]);
  from = static_cast<End>(ends & 15);
  to = static_cast<End>(ends >> 4);
  by = static_cast<Mover>(how & 15);
  context = static_cast<Context>(how >> 4);
  from_bytes.remove_prefix(2);
}

uint64_t present_in(const Event& event) {
  const auto flag = [](bool there, uint64_t bit) { return there ? bit : 0; };
  const bool moves = event.from != End{} || event.to != End{} || event.by != Mover{} || event.context != Context{};
  return flag(event.dur_ns != 0, dur) | flag(event.name != 0, name) | flag(event.result != 0, result) |
         flag(event.bytes != 0, bytes) | flag(event.count != 0, count) | flag(moves, edge) | flag(event.via != 0, via) |
         flag(event.bytes2 != 0, bytes2) | flag(event.folded[0].calls != 0, folded_first) |
         flag(event.folded[1].calls != 0, folded_second);
}

void pack(std::string& into, const Event& event, const Event& before) {
  const bool same_task = event.task == before.task, same_cpu = event.cpu == before.cpu;
  into += static_cast<char>(static_cast<uint8_t>(event.kind) | (event.side == Side::receiver ? kReceiver : 0) |
                            (same_task ? kSameTask : 0) | (same_cpu ? kSameCpu : 0));
  put(into, folded_sign(event.t_ns - before.t_ns));
  if (!same_task) put(into, event.task);
  if (!same_cpu) put(into, event.cpu);
  const auto present = present_in(event);
  put(into, present);
  if (present & dur) put(into, event.dur_ns);
  if (present & name) put(into, event.name);
  if (present & via) put(into, event.via);
  if (present & count) put(into, event.count);
  if (present & result) put(into, folded_sign(static_cast<uint64_t>(event.result)));
  if (present & bytes) put(into, event.bytes);
  if (present & bytes2) put(into, event.bytes2);
  if (present & edge) put_edge(into, event.from, event.to, event.by, event.context);
  for (const auto& copy : event.folded) {
    if (copy.calls == 0) continue;
    put(into, copy.function);
    put_edge(into, copy.from, copy.to, copy.by, {});
    put(into, copy.calls);
    put(into, copy.at_ns);
    put(into, copy.bytes);
  }
}

/// `event` is the one before.
void unpack(std::string_view& from, Event& event) {
  const auto first = static_cast<uint8_t>(from[0]);
  from.remove_prefix(1);
  Event next;
  next.kind = static_cast<EventKind>(first & 7);
  next.side = first & kReceiver ? Side::receiver : Side::sender;
  next.t_ns = event.t_ns + with_sign(take(from));
  next.task = first & kSameTask ? event.task : static_cast<uint32_t>(take(from));
  next.cpu = first & kSameCpu ? event.cpu : static_cast<uint16_t>(take(from));
  const auto present = take(from);
  if (present & dur) next.dur_ns = take(from);
  if (present & name) next.name = static_cast<uint16_t>(take(from));
  if (present & via) next.via = static_cast<uint16_t>(take(from));
  if (present & count) next.count = static_cast<uint32_t>(take(from));
  if (present & result) next.result = static_cast<int64_t>(with_sign(take(from)));
  if (present & bytes) next.bytes = take(from);
  if (present & bytes2) next.bytes2 = take(from);
  if (present & edge) take_edge(from, next.from, next.to, next.by, next.context);
  for (size_t i = 0; i < std::size(next.folded); ++i) {
    if (!(present & kFolded[i])) continue;
    auto& copy = next.folded[i];
    Context none;
    copy.function = static_cast<uint16_t>(take(from));
    take_edge(from, copy.from, copy.to, copy.by, none);
    copy.calls = static_cast<uint32_t>(take(from));
    copy.at_ns = static_cast<uint32_t>(take(from));
    copy.bytes = take(from);
  }
  event = next;
}

static_assert(static_cast<unsigned>(EventKind::mark) < 8 && static_cast<unsigned>(End::file) < 16);

}  // namespace

void EventStore::push_back(const Event& event) {
  if (open_.size() >= kBlock) close_block();
  if (open_.empty()) before_ = {};
  pack(open_, event, before_);
  before_ = event;
  in_order_ = in_order_ && event.t_ns >= latest_;
  latest_ = event.t_ns;
  ++size_;
}

void EventStore::close_block() {
  if (in_memory_ + open_.size() <= kMostMemory) {
    in_memory_ += open_.size();
    blocks_.push_back(open_);
  } else {
    if (!file_) file_ = std::make_unique<OutputFile>("");
    file_->write(open_);
    file_blocks_.push_back(static_cast<uint32_t>(open_.size()));
  }
  open_.clear();
}

EventStore::Iterator::Iterator(const EventStore& store) : store_(&store), left_(store.size_) {
  if (store.file_) store.file_->commit();
  if (left_ != 0) {
    next_block();
    unpack(block_, event_);
  }
}

EventStore::Iterator& EventStore::Iterator::operator++() {
  if (--left_ == 0) return *this;
  if (block_.empty()) next_block();
  unpack(block_, event_);
  return *this;
}

void EventStore::Iterator::next_block() {
  event_ = {};
  const size_t kept = store_->blocks_.size();
  const size_t place = next_++;
  if (place < kept) {
    block_ = store_->blocks_[place];
  } else if (place < kept + store_->file_blocks_.size()) {
    from_file_.resize(store_->file_blocks_[place - kept]);
    for (size_t have = 0; have < from_file_.size();) {
      const auto got = pread(fileno(store_->file_->stream()), from_file_.data() + have, from_file_.size() - have,
                             static_cast<off_t>(offset_ + have));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0)
        throw Error(ExitStatus::failed,
                    std::string("a temporary file cannot be read: ") + std::strerror(got == 0 ? EIO : errno));
      have += static_cast<size_t>(got);
    }
    offset_ += from_file_.size();
    block_ = from_file_;
  } else {
    block_ = store_->open_;
  }
}

}  // namespace zctrace::timeline
