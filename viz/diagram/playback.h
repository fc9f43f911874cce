#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/summary/picture.h"
#include "model/timeline/recording.h"
#include "viz/diagram/sequence_receives.h"
#include "viz/diagram/sequence_rounds.h"

/// A run as it can be played: its recorded events in their order, as steps that an eye can follow. The first complete
/// round of calls goes step by step, all behind it at one speed.
namespace zctrace::diagram {

/// An arrow of the flow diagram, as the ledger has it.
struct PlayedWay {
  timeline::Edge edge;
  timeline::Side side{};
  std::string key;  ///< of the arrow in the picture
};

struct Step {
  enum class Kind : uint8_t {
    enter,  ///< a system call of the sender's begins
    leave,  ///< it returns
    fault,  ///< page faults of the sender's in user mode
    move,   ///< bytes move, or references to them
    rest    ///< any of these, one or more
  };
  struct Moved {
    size_t way;
    uint64_t bytes;
  };

  Kind kind = Kind::rest;
  std::string name;              ///< of the call
  uint64_t mark = 0;             ///< the mode switch of the picture's round that it is; 0: none of them
  std::vector<Moved> moved;      ///< in this step
  uint64_t count = 1;            ///< of faults
  double begin = 0, length = 0;  ///< s of the playing
  // When it is over:
  uint64_t until_ns = 0;            ///< since the run's start
  std::vector<uint64_t> bytes;      ///< that went each way
  uint64_t mode_switches = 0;       ///< of the sender
  uint64_t calls = 0;               ///< of the sender, returned
  std::optional<uint64_t> busy_ns;  ///< that the sender's busiest thread was on a CPU; nothing where that is not known
};

struct Playback {
  std::vector<PlayedWay> ways;
  std::vector<Step> steps;
  size_t slow = 0;               ///< the first ones, which go step by step
  double seconds = 0;            ///< of the playing
  uint64_t end_ns = 0;           ///< of the run, and of its last step
  bool copies_known = true;      ///< on the sending side
  uint64_t calls = 0;            ///< of the sender
  double slowdown = 0;           ///< how many times slower than recorded the steps behind them go; 0: there are none
  bool complete = true;          ///< what moved and switched in all steps is what the ledger has
  Receives first;                ///< where the bytes of the first round arrived
  std::vector<size_t> arrivals;  ///< the ways by which bytes arrive: to who receives them, else to where they are put

  /// Until that step is over: bytes that the CPU copied on the sending side; that arrived.
  uint64_t cpu_bytes(const Step& step) const;
  uint64_t arrived(const Step& step) const;
};

/// `choice`: of its rounds. `round`: the numbered mode switches of the picture. About twice `most` steps at most behind
/// the first round: beyond, several events are one. Without steps where the recording holds no single events of a
/// transfer.
Playback playback(const timeline::Recording& recording, const Choice& choice, std::span<const summary::Call> round,
                  size_t most);

}  // namespace zctrace::diagram
