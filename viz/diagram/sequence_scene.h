#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/timeline/ledger.h"
#include "model/timeline/recording.h"
#include "viz/diagram/sequence_frame.h"
#include "viz/diagram/sequence_receives.h"
#include "viz/diagram/sequence_rounds.h"

/// What happened within a window of a run, sorted by where it is drawn.
namespace zctrace::diagram {

using Events = std::vector<Burst>;

/// Copies between the same places by the same function.
struct MovedAt {
  timeline::Edge edge;  ///< of one copy
  /// When, ns from the run's start; of those folded into a call the first; inferred ones in the middle. Of many, those
  /// that can be told apart at any size.
  std::vector<uint64_t> at;
  uint64_t last = 0;       ///< of all
  bool of_others = false;  ///< by calls of the receiver that took other bytes than the chunk's
  bool crosses_to_user() const { return edge.to == timeline::End::user_buffer; }
  bool crosses() const { return crosses_to_user() || edge.from == timeline::End::user_buffer; }
};

/// What one thread did.
struct Thread {
  uint32_t task = 0;
  timeline::Side side{};
  Events calls, off_cpu, softirqs, faults;
  Events calls_of_others;  ///< of a receiver, by which none of the chunk's bytes came
  std::vector<MovedAt> moved;
};

struct Scene {
  Thread sender;               ///< the one that the picture is about, with the copies in softirq and of kernel threads
  std::vector<Thread> others;  ///< the receivers first
  Events disk, transmits;      ///< of the chunk, as far as is known what they carry
  Events disk_of_others, transmits_of_others;
  Receives receives;
  bool knows_disk = false, knows_transmits = false;  ///< which of them are the chunk's
  /// When the last request for the chunk's bytes that was over before the window ended, ns from the run's start.
  std::optional<uint64_t> fetched_before;
  size_t calls = 0, user_faults = 0;  ///< of `sender`
  uint64_t mode_switches =
      0;                   ///< of `sender` in the window: two per call that began in it, two per fault from user mode
  uint64_t cpu_bytes = 0;  ///< that the CPU copied on the sending side in the window
};

/// What overlaps the window; copies that began in it.
Scene scene(const timeline::Recording& document, const Choice& choice);

/// When a copy inside a call is drawn: at its begin, or in the middle of the call where only the call was seen.
uint64_t time_of(const timeline::Recording& document, const timeline::Event& call, const timeline::FoldedCopy& copy);

/// What a call returned, as bytes where it returns bytes: "64 KiB", "-11".
std::string result_of(const timeline::Recording& document, const timeline::Event& call);

/// Payload bytes in a transmitted buffer.
uint64_t payload(const timeline::Event& transmit);

}  // namespace zctrace::diagram
