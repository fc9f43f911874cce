#include "model/timeline/recording.h"

namespace zctrace::timeline {

Recording::Recording(const Document& document) : run(document.run), ledger(document.ledger), names(document.names) {
  for (const auto& event : document.events) events.push_back(event);
}

}  // namespace zctrace::timeline
