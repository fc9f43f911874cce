#pragma once

#include <string>
#include <vector>

#include "model/timeline/json_read.h"

namespace zctrace::timeline {

/// The file's only document, its events at hand.
inline Document read_document(const std::string& path) {
  auto recording = read_recording(path);
  std::vector<Event> events;
  for (const auto& event : recording.events) events.push_back(event);
  return {std::move(recording.run), std::move(recording.ledger), std::move(recording.names), std::move(events)};
}

}  // namespace zctrace::timeline
