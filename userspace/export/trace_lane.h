#pragma once

#include <optional>
#include <vector>

#include "model/timeline/model.h"
#include "userspace/export/trace_writer.h"

namespace zctrace::exports {

/// What a lane asks its owner for: how an event, or a copy folded into it, is called and what there is to say of it.
class EventTexts {
 public:
  virtual ~EventTexts() = default;
  virtual uint32_t name(const timeline::Event& event, int folded) = 0;
  virtual const char* category(const timeline::Event& event, int folded) = 0;
  virtual void args(const timeline::Event& event, int folded, std::vector<Arg>& args) = 0;
};

inline constexpr int kWhole = -1;  ///< in place of a folded copy's index: the event itself

/// A track on which one thing happens at a time, each with what happened inside. Nesting is made legal whatever the
/// events say: a slice ends where the next begins, and nothing lies outside of what it is part of.
class Lane {
 public:
  /// `flows`: arrows lead from its slices to their copies; counted on from the flow last used.
  Lane(TraceWriter& writer, EventTexts& texts, uint32_t track, uint64_t* flows);

  /// Events come in time order.
  void slice(const timeline::Event& event);
  void point(const timeline::Event& event);
  /// After the last event.
  void close();

 private:
  struct Inside {
    timeline::Event event;
    int folded;
    uint64_t at;
  };

  void write_slice(bool abuts);
  void write_point(const Inside& inside, uint64_t flow, uint32_t nth);

  TraceWriter* writer_;
  EventTexts* texts_;
  uint32_t track_;
  uint64_t* flows_;
  std::optional<timeline::Event> open_;
  uint64_t begin_ = 0, end_ = 0;
  std::vector<Inside> inside_;
};

/// The event's times as signed 64-bit readers can hold them.
uint64_t begin_of(const timeline::Event& event);
uint64_t end_of(const timeline::Event& event);

}  // namespace zctrace::exports
