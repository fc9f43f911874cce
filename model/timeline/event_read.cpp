#include "model/timeline/event_read.h"

#include <fmt/format.h>

#include <limits>

#include "model/timeline/json_head.h"
#include "model/timeline/names.h"

namespace zctrace::timeline {
namespace {

template <class Enum>
uint64_t enum_number(std::string_view field, std::string_view word) {
  const auto value = value_of<Enum>(word);
  if (!value) throw SchemaError(fmt::format("{}: must be one of: {}", field, words<Enum>()));
  return static_cast<uint64_t>(*value);
}

constexpr uint64_t kMost16 = std::numeric_limits<uint16_t>::max();
constexpr uint64_t kMost32 = std::numeric_limits<uint32_t>::max();

}  // namespace

const std::array<std::string_view, EventReader::unknown> EventReader::kFields{
    "t",        "kind",   "side",    "task", "cpu",    "dur",      "name",   "ret",   "faults",  "copies",
    "function", "via",    "from",    "to",   "by",     "calls",    "bytes",  "at",    "context", "mode",
    "reason",   "vector", "payload", "offset", "op",   "device", "segments", "linear", "paged", "headers"};

EventReader::EventReader(Recording& recording) : recording_(recording) {
  for (size_t i = 0; i < recording.names.size(); ++i) interned_.emplace(recording.names[i], static_cast<uint16_t>(i));
}

/// Inside a member that is passed over?
bool EventReader::passing() { return passed_ > 0 || (depth_ >= 2 && field_ == unknown); }

void EventReader::begin_array() {
  if (passing()) {
    ++passed_;
    return;
  }
  if (depth_ == 2 && field_ != copies) throw SchemaError(fmt::format("{}: must not be a list", kFields[field_]));
  if (depth_ != 0 && depth_ != 2) throw SchemaError("unexpected list");
  ++depth_;
}

void EventReader::end_array() {
  if (passed_ > 0) {
    --passed_;
    return;
  }
  --depth_;
}

void EventReader::begin_object() {
  // `copies` holds objects, so only an event's or a copy's own members can be of unknown name.
  if (depth_ != 3 && passing()) {
    ++passed_;
    return;
  }
  if (depth_ == 1) {
    event_.seen.reset();
    result_ = {};
    folded_count_ = 0;
    members_ = &event_;
  } else if (depth_ == 3) {
    folded_.seen.reset();
    members_ = &folded_;
  } else {
    throw SchemaError(depth_ == 0 ? "must be a list" : fmt::format("{}: must not be an object", kFields[field_]));
  }
  ++depth_;
}

void EventReader::end_object() {
  if (passed_ > 0) {
    --passed_;
    return;
  }
  if (depth_ == 2) {
    finish_event();
  } else {
    finish_folded();
    members_ = &event_;
    field_ = copies;
  }
  --depth_;
}

void EventReader::key(std::string_view word) {
  if (passed_ > 0) return;
  size_t i = 0;
  while (i < unknown && kFields[i] != word) ++i;
  field_ = static_cast<Field>(i);
}

void EventReader::set(uint64_t value) {
  if (depth_ != 2 && depth_ != 4)
    throw SchemaError(depth_ == 0 ? "must be a list" : "an event or copy must be an object");
  members_->value[field_] = value;
  members_->seen.set(field_);
}

void EventReader::number(uint64_t value) {
  if (passing()) return;
  switch (field_) {
    case t:
    case task:
    case cpu:
    case dur:
    case ret:
    case faults:
    case calls:
    case bytes:
    case at:
    case payload:
    case offset:
    case segments:
    case linear:
    case paged:
    case headers:
      break;
    default:
      if (depth_ == 2 || depth_ == 4) throw SchemaError(fmt::format("{}: must not be a number", kFields[field_]));
  }
  set(value);
}

void EventReader::negative(int64_t value) {
  if (passing()) return;
  if (field_ != ret && (depth_ == 2 || depth_ == 4))
    throw SchemaError(fmt::format("{}: must not be negative", kFields[field_]));
  set(static_cast<uint64_t>(value));
}

void EventReader::other() {
  if (passing()) return;
  if (depth_ == 2 || depth_ == 4)
    throw SchemaError(fmt::format("{}: must be a whole number or a string", kFields[field_]));
  set(0);
}

void EventReader::text(std::string_view value) {
  if (passing()) return;
  if (depth_ != 2 && depth_ != 4) return set(0);
  switch (field_) {
    case kind:
      return set(enum_number<EventKind>("kind", value));
    case side:
      return set(enum_number<Side>("side", value));
    case from:
      return set(enum_number<End>("from", value));
    case to:
      return set(enum_number<End>("to", value));
    case by:
      return set(enum_number<Mover>("by", value));
    case context:
      return set(enum_number<Context>("context", value));
    case mode:
      if (value != "user" && value != "kernel") throw SchemaError("mode: must be one of: user, kernel");
      return set(value == "user");
    case name:
    case function:
    case via:
    case reason:
    case vector:
    case op:
    case device:
      return set(intern(value));
    default:
      throw SchemaError(fmt::format("{}: must be a whole number", kFields[field_]));
  }
}

uint16_t EventReader::intern(std::string_view word) {
  if (const auto found = interned_.find(word); found != interned_.end()) return found->second;
  auto& names = recording_.names;
  if (names.size() > kMost16) throw SchemaError("more than 65,535 different names");
  names.emplace_back(word);
  return interned_.emplace(word, static_cast<uint16_t>(names.size() - 1)).first->second;
}

uint64_t EventReader::need(Field field, uint64_t most) const {
  if (!members_->seen[field]) throw SchemaError(fmt::format("{}: is missing", kFields[field]));
  if (members_->value[field] > most) throw SchemaError(fmt::format("{}: is too large", kFields[field]));
  return members_->value[field];
}

uint64_t EventReader::maybe(Field field, uint64_t most) const { return members_->seen[field] ? need(field, most) : 0; }

void EventReader::finish_event() {
  auto& event = result_;
  const auto name_index = [&](Field field) { return static_cast<uint16_t>(need(field)); };
  event.t_ns = need(t);
  event.kind = static_cast<EventKind>(need(kind));
  event.side = static_cast<Side>(need(side));
  event.cpu = static_cast<uint16_t>(need(cpu, kMost16));
  event.task = static_cast<uint32_t>(maybe(task, kMost32));
  switch (event.kind) {
    case EventKind::syscall:
      event.dur_ns = need(dur);
      event.name = name_index(name);
      event.result = static_cast<int64_t>(need(ret));
      event.count = static_cast<uint32_t>(maybe(faults, kMost32));
      break;
    case EventKind::copy:
      event.name = name_index(function);
      event.via = static_cast<uint16_t>(maybe(via));
      event.from = static_cast<End>(need(from));
      event.to = static_cast<End>(need(to));
      event.by = static_cast<Mover>(need(by));
      event.count = static_cast<uint32_t>(need(calls, kMost32));
      event.bytes = need(bytes);
      event.context = static_cast<Context>(need(context));
      break;
    case EventKind::fault:
      event.result = static_cast<int64_t>(need(mode));
      break;
    case EventKind::off_cpu:
      event.dur_ns = need(dur);
      event.name = name_index(reason);
      break;
    case EventKind::softirq:
      event.dur_ns = need(dur);
      event.name = name_index(vector);
      break;
    case EventKind::disk:
      event.dur_ns = need(dur);
      event.bytes = need(bytes);
      event.bytes2 = need(payload);
      event.result = event_.seen[offset] ? static_cast<int64_t>(need(offset, INT64_MAX)) : -1;
      event.name = name_index(op);
      break;
    case EventKind::transmit:
      event.name = name_index(device);
      event.count = static_cast<uint32_t>(need(segments, kMost32));
      event.bytes = need(linear);
      event.bytes2 = need(paged);
      event.result = static_cast<int64_t>(need(headers, INT64_MAX));
      break;
    case EventKind::mark:
      event.name = name_index(name);
      break;
  }
  recording_.events.push_back(event);
}

void EventReader::finish_folded() {
  if (folded_count_ == std::size(result_.folded)) throw SchemaError("copies: more than two");
  auto& copy = result_.folded[folded_count_++];
  copy.function = static_cast<uint16_t>(need(function));
  copy.from = static_cast<End>(need(from));
  copy.to = static_cast<End>(need(to));
  copy.by = static_cast<Mover>(need(by));
  copy.calls = static_cast<uint32_t>(need(calls, kMost32));
  copy.bytes = need(bytes);
  copy.at_ns = static_cast<uint32_t>(need(at, kMost32));
  if (copy.calls == 0) throw SchemaError("calls: must be 1 or more");
}

}  // namespace zctrace::timeline
