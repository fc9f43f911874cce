#include "userspace/export/trace_lane.h"

#include <algorithm>
#include <limits>

namespace zctrace::exports {

using timeline::Event;
using timeline::EventKind;

namespace {

constexpr uint64_t kLatest = std::numeric_limits<int64_t>::max();

bool is_copy(const Event& event, int folded) { return folded != kWhole || event.kind == EventKind::copy; }

}  // namespace

uint64_t begin_of(const Event& event) { return std::min(event.t_ns, kLatest); }

uint64_t end_of(const Event& event) {
  const auto begin = begin_of(event);
  return begin + std::min(event.dur_ns, kLatest - begin);
}

Lane::Lane(TraceWriter& writer, EventTexts& texts, uint32_t track, uint64_t* flows)
    : writer_(&writer), texts_(&texts), track_(track), flows_(flows) {}

void Lane::slice(const Event& event) {
  if (open_) {
    end_ = std::min(end_, begin_of(event));
    write_slice(end_ == begin_of(event));
  }
  open_ = event;
  begin_ = begin_of(event);
  end_ = end_of(event);
  for (int i = 0; i < static_cast<int>(std::size(event.folded)); ++i)
    if (const auto& copy = event.folded[i]; copy.calls != 0) inside_.push_back({event, i, begin_ + copy.at_ns});
}

void Lane::point(const Event& event) {
  const auto at = begin_of(event);
  if (open_ && at > end_) close();
  if (!open_) return write_point({event, kWhole, at}, 0, 0);
  inside_.push_back({event, kWhole, at});
}

void Lane::close() {
  if (open_) write_slice(false);
}

void Lane::write_slice(bool abuts) {
  // Not at the very end: whoever computes begin + duration in floating point might find it outside.
  const auto last = end_ > begin_ ? end_ - 1 : begin_;
  for (auto& each : inside_) each.at = std::min(each.at, last);
  std::ranges::stable_sort(inside_, {}, &Inside::at);
  const auto arrows =
      std::ranges::count_if(inside_, [](const Inside& each) { return is_copy(each.event, each.folded); });
  Slice slice{track_, begin_, end_, texts_->name(*open_, kWhole), texts_->category(*open_, kWhole), 0, 0, abuts};
  if (flows_ != nullptr && arrows > 0) {
    slice.flow = *flows_;
    slice.flows = static_cast<uint32_t>(arrows);
    *flows_ += slice.flows;
  }
  std::vector<Arg> args;
  texts_->args(*open_, kWhole, args);
  if (end_ != end_of(*open_)) args.push_back(Arg::count("whole_duration", open_->dur_ns));
  writer_->begin(slice, args);
  uint32_t nth = 0;
  for (const auto& each : inside_) {
    const bool arrow = slice.flows != 0 && is_copy(each.event, each.folded);
    write_point(each, arrow ? slice.flow : 0, nth);
    nth += arrow;
  }
  writer_->end(slice);
  inside_.clear();
  open_.reset();
}

void Lane::write_point(const Inside& inside, uint64_t flow, uint32_t nth) {
  std::vector<Arg> args;
  texts_->args(inside.event, inside.folded, args);
  writer_->point({track_, inside.at, texts_->name(inside.event, inside.folded),
                  texts_->category(inside.event, inside.folded), flow, nth},
                 args);
}

}  // namespace zctrace::exports
