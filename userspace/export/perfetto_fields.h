#pragma once

#include <cstdint>

/// The numbers of Perfetto's fields that we write, as published in google/perfetto under protos/perfetto/trace: each
/// namespace is a message, its file is named.
namespace zctrace::exports {

inline constexpr uint32_t kTracePacket = 1;  // trace.proto

namespace packet {  // trace_packet.proto
inline constexpr uint32_t kClockSnapshot = 6, kTimestamp = 8, kSequence = 10, kTrackEvent = 11, kInterned = 12,
                          kSequenceFlags = 13, kClockId = 58, kDefaults = 59, kTrackDescriptor = 60,
                          kFirstOnSequence = 87;
inline constexpr uint32_t kStateCleared = 1, kNeedsState = 2;  // SequenceFlags
}  // namespace packet

namespace clock {  // clock_snapshot.proto, common/builtin_clock.proto
inline constexpr uint32_t kClocks = 1, kPrimary = 2;
inline constexpr uint32_t kId = 1, kTimestamp = 2;  // Clock
inline constexpr uint32_t kMonotonic = 3, kBoottime = 6;
}  // namespace clock

namespace interned {  // interned_data/interned_data.proto
inline constexpr uint32_t kCategories = 1, kEventNames = 2, kAnnotationNames = 3, kTexts = 29;
inline constexpr uint32_t kId = 1, kText = 2;  // of every entry
}  // namespace interned

namespace track {  // track_event/track_descriptor.proto
inline constexpr uint32_t kUuid = 1, kName = 2, kProcess = 3, kThread = 4, kParent = 5, kCounter = 8;
}

namespace process {  // track_event/process_descriptor.proto
inline constexpr uint32_t kPid = 1, kName = 6, kLabels = 8;
}

namespace thread {  // track_event/thread_descriptor.proto
inline constexpr uint32_t kPid = 1, kTid = 2, kName = 5;
}

namespace counter {  // track_event/counter_descriptor.proto
inline constexpr uint32_t kUnit = 3;
inline constexpr int32_t kBytes = 3;
}  // namespace counter

namespace event {  // track_event/track_event.proto
inline constexpr uint32_t kCategory = 3, kAnnotations = 4, kType = 9, kName = 10, kTrack = 11, kCounterValue = 30,
                          kFlows = 47, kLastOfFlows = 48;
inline constexpr int32_t kSliceBegin = 1, kSliceEnd = 2, kInstant = 3, kCounter = 4;  // Type
}  // namespace event

namespace annotation {  // track_event/debug_annotation.proto
inline constexpr uint32_t kName = 1, kBool = 2, kUint = 3, kInt = 4, kText = 17;
}

}  // namespace zctrace::exports
