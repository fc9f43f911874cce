#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/recording.h"
#include "viz/diagram/sequence_frame.h"
#include "viz/diagram/sequence_rounds.h"

/// Which of the receiver's calls took the bytes that a round of the sender's calls sent: by their place in the stream,
/// which is what all calls before them sent, and received.
namespace zctrace::diagram {

/// What the stream between sender and receiver got, and gave, by one event. Events do not name their socket: this holds
/// for all sockets together.
class Stream {
 public:
  explicit Stream(const timeline::Recording& document);

  /// Bytes that it put into the stream; 0 where it put none.
  uint64_t sent(const timeline::Event& event) const;
  /// Bytes that it took out of it.
  uint64_t received(const timeline::Event& event) const;

 private:
  const timeline::Recording& document_;
  timeline::End end_;  ///< what holds the stream
};

/// A call that took some of the chunk's bytes.
struct Receive {
  timeline::Event call;
  uint64_t bytes = 0, part = 0;  ///< that it took; of them the chunk's
};

struct Receives {
  enum class State : uint8_t {
    known,
    nobody,         ///< nobody receives these bytes, or there is no chunk
    not_recorded,   ///< the receiver's calls are not in the document
    lost,           ///< events that may have been such calls
    many_sockets,   ///< and no event names its own
    nothing_sent,   ///< by the round's calls, as far as was seen
    framed,         ///< TLS put more into the stream than was sent
    sums_differ,    ///< what was sent and what was received
    order_unknown,  ///< calls overlapped
  };
  static constexpr size_t kNamed = 4;

  State state = State::nobody;
  Range range;                            ///< of the stream: the chunk's bytes
  Window window;                          ///< from the round's begin until it and the last of these calls are over
  uint64_t complete_ns = 0;               ///< when the last of these calls returned
  /// The first of these calls, and the last one; those between took bytes of the chunk alone.
  std::vector<Receive> named;
  size_t count = 0, count_of_others = 0;  ///< calls with some of its bytes; with others alone, within the window
  std::vector<Burst> sends, sends_of_others, calls, calls_of_others;  ///< within the window
  uint64_t sent = 0, received = 0;                                    ///< in the whole run, as far as calls tell

  bool known() const { return state == State::known; }
};

/// `round`: of the sender's calls; nothing where there is none.
Receives receives(const timeline::Recording& document, std::optional<Window> round);

/// "which of the receiver's calls took these bytes: unknown", and why. Empty where it is known, or nobody took them.
std::string unknown_text(const Receives& receives, Language language);

}  // namespace zctrace::diagram
