#pragma once

#include <string>
#include <vector>

#include "model/timeline/event_store.h"
#include "model/timeline/model.h"

namespace zctrace::timeline {

/// A document as it was read: its events are gone through, and take little memory however many they are.
struct Recording {
  Recording() = default;
  /// The same, of one that was just made.
  Recording(const Document& document);

  Run run;
  Ledger ledger;
  std::vector<std::string> names{""};  ///< texts that events refer to
  EventStore events;
};

}  // namespace zctrace::timeline
