#include "userspace/export/trace_writer.h"

namespace zctrace::exports {

uint32_t Names::id(std::string_view text) {
  const auto [place, added] = ids_.try_emplace(std::string(text), static_cast<uint32_t>(texts_.size()));
  if (added) texts_.push_back(&place->first);
  return place->second;
}

}  // namespace zctrace::exports
