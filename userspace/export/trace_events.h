#pragma once

#include <array>
#include <vector>

#include "model/timeline/recording.h"
#include "userspace/export/trace_lane.h"

namespace zctrace::exports {

/// A document's events in words: the document's own, in English. Copies that were not counted have "~" before them.
class TraceEvents : public EventTexts {
 public:
  TraceEvents(const timeline::Recording& document, Names& names);

  uint32_t name(const timeline::Event& event, int folded) override;
  const char* category(const timeline::Event& event, int folded) override;
  void args(const timeline::Event& event, int folded, std::vector<Arg>& args) override;

 private:
  uint32_t edge(timeline::Side side, timeline::End from, timeline::End to, timeline::Mover by);
  void copy_args(const timeline::Event& event, int folded, std::vector<Arg>& args);
  uint32_t word(std::string_view text) { return names_.id(text); }

  const timeline::Recording& doc_;
  Names& names_;
  std::vector<uint32_t> own_;  ///< ids of the document's names
  uint32_t user_fault_, kernel_fault_, transmit_;
  std::array<uint32_t, 2 * 7 * 7 * 4> edges_{};  ///< ids of what copies are called, + 1; 0: not needed yet
};

}  // namespace zctrace::exports
