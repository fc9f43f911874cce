#pragma once

#include "userspace/timeline/flow.h"

/// Flows as they might have been measured, made to be changed. Test data only.
namespace zctrace::samples {

using timeline::Flow, timeline::FlowEnd, timeline::FlowEndKind, timeline::FlowMethod, timeline::FlowPart;

inline FlowEnd file_end(const char* path, uint64_t inode = 11) { return {FlowEndKind::file, path, 8 << 20 | 1, inode}; }
inline FlowEnd socket_end(const char* name, uint64_t inode = 12) { return {FlowEndKind::socket, name, 8, inode}; }

/// So many bytes in calls of 64 KiB, each copied so often.
inline FlowPart part(FlowMethod method, uint64_t bytes, uint64_t copies) {
  FlowPart part;
  part.method = method;
  part.bytes = bytes;
  part.calls = bytes / 65536;
  part.mode_switches = 2 * part.calls;
  part.cpu_bytes = copies * bytes;
  part.reference_bytes = copies == 0 ? bytes : 0;
  part.disk_bytes = bytes / 2;
  return part;
}

inline Flow flow(FlowEnd from, FlowEnd to, FlowPart part) {
  return {std::move(from), std::move(to), {part}, 0, 0, false};
}

}  // namespace zctrace::samples
