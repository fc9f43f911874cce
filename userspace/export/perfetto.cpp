#include "userspace/export/perfetto.h"

#include <protozero/pbf_writer.hpp>

#include "userspace/export/output_buffer.h"
#include "userspace/export/perfetto_fields.h"
#include "userspace/export/trace_exporter.h"

namespace zctrace::exports {
namespace {

using protozero::pbf_writer;

/// One sequence of packets, none of which was lost: what is said of a name holds to the end.
class PerfettoWriter : public TraceWriter {
 public:
  explicit PerfettoWriter(Output output) : out_(std::move(output)) {
    Packet packet(*this, packet::kStateCleared);
    packet.fields.add_bool(packet::kFirstOnSequence, true);
    {
      // Times are the run's own; by the kernel's clock they run as CLOCK_MONOTONIC does.
      pbf_writer snapshot(packet.fields, packet::kClockSnapshot);
      for (const auto clock : {clock::kMonotonic, clock::kBoottime}) {
        pbf_writer each(snapshot, clock::kClocks);
        each.add_uint32(clock::kId, clock);
        each.add_uint64(clock::kTimestamp, 0);
      }
      snapshot.add_enum(clock::kPrimary, clock::kMonotonic);
    }
    pbf_writer defaults(packet.fields, packet::kDefaults);
    defaults.add_uint32(packet::kClockId, clock::kMonotonic);
  }

  void process(const Process& process) override {
    Packet packet(*this);
    pbf_writer track(packet.fields, packet::kTrackDescriptor);
    track.add_uint64(track::kUuid, uuid_of_process(process.id));
    pbf_writer descriptor(track, track::kProcess);
    descriptor.add_int32(process::kPid, static_cast<int32_t>(process.id));
    descriptor.add_string(process::kName, process.name);
    if (!process.label.empty()) descriptor.add_string(process::kLabels, process.label);
  }

  void track(const Track& made) override {
    Packet packet(*this);
    pbf_writer track(packet.fields, packet::kTrackDescriptor);
    track.add_uint64(track::kUuid, made.id);
    track.add_uint64(track::kParent, uuid_of_process(made.process));
    track.add_string(track::kName, made.name);
    if (made.kind == Track::Kind::counter_of_bytes) {
      pbf_writer counter(track, track::kCounter);
      counter.add_enum(counter::kUnit, counter::kBytes);
    } else if (made.kind == Track::Kind::thread && made.thread != 0 && made.thread <= INT32_MAX) {
      pbf_writer thread(track, track::kThread);
      thread.add_int32(thread::kPid, static_cast<int32_t>(made.process));
      thread.add_int32(thread::kTid, static_cast<int32_t>(made.thread));
      thread.add_string(thread::kName, made.name);
    }
  }

  void begin(const Slice& slice, const std::vector<Arg>& args) override {
    flow_ids_.clear();
    for (uint32_t i = 0; i < slice.flows; ++i) flow_ids_.push_back(slice.flow + i);
    event(event::kSliceBegin, slice.track, slice.begin, slice.name, slice.category, args, event::kFlows);
  }

  void end(const Slice& slice) override {
    Packet packet(*this);
    packet.fields.add_uint64(packet::kTimestamp, slice.end);
    pbf_writer event(packet.fields, packet::kTrackEvent);
    event.add_enum(event::kType, event::kSliceEnd);
    event.add_uint64(event::kTrack, slice.track);
  }

  void point(const Point& point, const std::vector<Arg>& args) override {
    flow_ids_.clear();
    if (point.flow != 0) flow_ids_.push_back(point.flow + point.nth);
    event(event::kInstant, point.track, point.at, point.name, point.category, args, event::kLastOfFlows);
  }

  void counter(uint32_t track, uint64_t at, uint64_t value) override {
    Packet packet(*this);
    packet.fields.add_uint64(packet::kTimestamp, at);
    pbf_writer event(packet.fields, packet::kTrackEvent);
    event.add_enum(event::kType, event::kCounter);
    event.add_uint64(event::kTrack, track);
    event.add_int64(event::kCounterValue, static_cast<int64_t>(value));
  }

  void finish() override { out_.flush(); }

 private:
  /// A packet that is written when it is done.
  struct Packet {
    explicit Packet(PerfettoWriter& writer, uint32_t flags = packet::kNeedsState)
        : owner(writer), fields(writer.packet_) {
      fields.add_uint32(packet::kSequence, 1);
      fields.add_uint32(packet::kSequenceFlags, flags);
    }
    ~Packet() noexcept(false) { owner.write(); }
    Packet(const Packet&) = delete;
    Packet& operator=(const Packet&) = delete;

    PerfettoWriter& owner;
    pbf_writer fields;
  };

  static uint64_t uuid_of_process(uint32_t process) { return uint64_t{1} << 32 | process; }

  void write() {
    head_.clear();
    pbf_writer(head_).add_bytes(kTracePacket, packet_);
    out_ << head_;
    packet_.clear();
  }

  /// The number of a text in one of the sequence's tables; said in interned_ where it is new.
  template <class Key>
  uint64_t interned(std::unordered_map<Key, uint64_t>& table, const Key& key, uint32_t field, std::string_view text) {
    const auto [place, added] = table.try_emplace(key, table.size() + 1);
    if (added) {
      pbf_writer all(interned_);
      pbf_writer entry(all, field);
      entry.add_uint64(interned::kId, place->second);
      entry.add_string(interned::kText, text.data(), text.size());
    }
    return place->second;
  }

  void event(int32_t type, uint32_t track, uint64_t at, uint32_t name, const char* category,
             const std::vector<Arg>& args, uint32_t flow_field) {
    interned_.clear();
    Packet packet(*this);
    packet.fields.add_uint64(packet::kTimestamp, at);
    {
      pbf_writer event(packet.fields, packet::kTrackEvent);
      event.add_enum(event::kType, type);
      event.add_uint64(event::kTrack, track);
      event.add_uint64(event::kName, interned(event_names_, name, interned::kEventNames, names.text(name)));
      event.add_uint64(event::kCategory, interned(categories_, category, interned::kCategories, category));
      for (const auto id : flow_ids_) event.add_fixed64(flow_field, id);
      for (const auto& arg : args) {
        const auto key = interned(keys_, arg.key, interned::kAnnotationNames, arg.key);
        pbf_writer annotation(event, event::kAnnotations);
        annotation.add_uint64(annotation::kName, key);
        add_value(annotation, arg);
      }
    }
    if (!interned_.empty()) packet.fields.add_message(packet::kInterned, interned_);
  }

  void add_value(pbf_writer& annotation, const Arg& arg) {
    switch (arg.type) {
      case Arg::Type::count:
        return annotation.add_uint64(annotation::kUint, arg.value);
      case Arg::Type::number:
        return annotation.add_int64(annotation::kInt, static_cast<int64_t>(arg.value));
      case Arg::Type::flag:
        return annotation.add_bool(annotation::kBool, arg.value != 0);
      case Arg::Type::text: {
        const auto id = static_cast<uint32_t>(arg.value);
        return annotation.add_uint64(annotation::kText, interned(texts_, id, interned::kTexts, names.text(id)));
      }
    }
  }

  OutputBuffer out_;
  std::string head_, packet_, interned_;
  std::vector<uint64_t> flow_ids_;
  std::unordered_map<uint32_t, uint64_t> event_names_, texts_;
  std::unordered_map<const char*, uint64_t> categories_, keys_;
};

}  // namespace

std::unique_ptr<Exporter> perfetto(Output output) {
  return trace_exporter(std::make_unique<PerfettoWriter>(std::move(output)));
}

}  // namespace zctrace::exports
