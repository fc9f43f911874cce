#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/timeline/recording.h"

/// Which part of a run is shown as its typical chunk.
namespace zctrace::diagram {

/// A piece of the run's time, ns from its start.
struct Window {
  uint64_t from = 0, until = 0;
  uint64_t duration() const { return until - from; }
};

/// A part of the file, bytes.
struct Range {
  uint64_t from = 0, until = 0;
  bool overlaps(uint64_t offset, uint64_t bytes) const { return offset < until && offset + bytes > from; }
};

/// Does the call return how many bytes it moved?
bool returns_bytes(std::string_view name);

/// When an event ends. Never before it began, whatever the document says.
uint64_t end_of(const timeline::Event& event);

/// The thread of the sender that made the most system calls; 0 if none was seen.
uint32_t main_task(const timeline::Recording& document);

/// One turn of the sender's loop.
struct Round {
  Window window;
  size_t number = 0;      ///< from 1, incomplete ones counted
  bool complete = false;  ///< each of the calls that recur is in it
};

/// Calls `take` with one round after the other. Cuts the system calls of `task` into rounds. Calls of the same name
/// that move the same way are alike; those at least half as frequent as the most frequent one recur (one call beside
/// repeated ones does not); a round begins with the recurring one that came first, and ends with the last recurring
/// call before the next. So read and write pair up, two splices do, and one mmap for all stays outside, without a word
/// of the method.
void each_round(const timeline::Recording& document, uint32_t task, const std::function<void(const Round&)>& take);

/// The window of the chunk's picture, and why it was chosen.
struct Choice {
  enum class Kind : uint8_t {
    round,  ///< the median of the complete rounds
    call,   ///< no round is complete: the longest call
    run     ///< no call was seen: the whole run
  };
  Kind kind = Kind::run;
  Window window;
  std::optional<Window> first;  ///< the earliest complete round
  uint32_t task = 0;
  size_t number = 0, rounds = 0;      ///< of the round, and all that were begun
  size_t complete = 0;                ///< of them
  uint64_t fastest = 0, slowest = 0;  ///< ns, of the complete rounds
};

Choice choose(const timeline::Recording& document);

/// Which part of the file the round's calls move: all move it from its begin to its end, and each tells how much. Nothing
/// where no round was chosen, where calls are missing, or where they do not add up to the file.
std::optional<Range> part_of_file(const timeline::Recording& document, const Choice& choice);

/// The calls of the sender's earliest complete round, in their order; none where there is none.
std::vector<std::string> first_round(const timeline::Recording& document, const Choice& choice);

/// From the run's start to the last end of an event; without events as long as the run says it took.
Window whole_run(const timeline::Recording& document);

}  // namespace zctrace::diagram
