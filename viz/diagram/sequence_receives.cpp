#include "viz/diagram/sequence_receives.h"

#include <algorithm>
#include <string_view>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/timeline/ledger.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

using State = Receives::State;

template <size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// By its name alone, where no copy in it was seen.
bool may_send(std::string_view name) {
  static constexpr std::string_view kNames[] = {"write", "writev", "sendto", "sendmsg", "sendfile", "splice"};
  return among(kNames, name);
}

bool may_receive(std::string_view name) {
  static constexpr std::string_view kNames[] = {"read", "readv", "recvfrom", "recvmsg", "splice"};
  return among(kNames, name);
}

/// What went the way that `test` wants in this call: what it returned; of a call that does not return bytes, what was
/// seen to move. A call in which nothing was seen to move may have moved what it returned.
template <class Test>
uint64_t moved(const Event& call, std::string_view name, bool may, const Test& test) {
  const bool tells = returns_bytes(name);
  const auto result = static_cast<uint64_t>(std::max<int64_t>(call.result, 0));
  bool seen = false, wanted = false;
  uint64_t bytes = 0;
  for (const auto& copy : call.folded) {
    if (copy.calls == 0) continue;
    seen = true;
    if (!test(copy.from, copy.to)) continue;
    wanted = true;
    bytes += copy.bytes;
  }
  if (!seen) return may ? result : 0;
  if (!wanted) return 0;
  return tells ? result : bytes;
}

/// Calls of one direction, one after the other, and what they moved together.
class Line {
 public:
  /// Returns where in the stream its bytes begin.
  uint64_t take(const Event& event, uint64_t bytes) {
    in_order_ = in_order_ && event.t_ns >= until_;
    until_ = std::max(until_, end_of(event));
    const auto at = bytes_;
    bytes_ += bytes;
    return at;
  }
  uint64_t bytes() const { return bytes_; }
  bool in_order() const { return in_order_; }

 private:
  uint64_t bytes_ = 0, until_ = 0;
  bool in_order_ = true;
};

/// Of what is lost, that may have been a part of the stream.
bool lost_calls(const Lost& lost) {
  if (lost.events == 0) return false;
  return lost.by_kind.empty() || lost.by_kind.contains("syscall") || lost.by_kind.contains("copy");
}

/// Why the calls cannot be told, before they are gone through.
std::optional<State> obstacle(const Recording& document) {
  const auto& run = document.run;
  if (is_program(run)) return State::not_recorded;
  if (!has_receiver(run)) return State::nobody;
  if (run.sinks != 1) return State::many_sockets;
  if (lost_calls(run.lost)) return State::lost;
  return std::nullopt;
}

State verdict(const Recording& document, const Receives& found, const Line& out, const Line& in, uint64_t first_sent,
              uint64_t first_received) {
  const auto& ledger = document.ledger;
  if (found.received == 0) return State::not_recorded;
  if (found.sent != found.received) {
    const bool framed = ledger.framing_bytes > 0 && found.sent + ledger.framing_bytes == found.received;
    return framed ? State::framed : State::sums_differ;
  }
  if (found.received != ledger.received_bytes + ledger.framing_bytes) return State::sums_differ;
  if (found.range.from == found.range.until) return State::nothing_sent;
  // What arrived before it was sent was other bytes.
  if (!out.in_order() || !in.in_order() || first_received < first_sent) return State::order_unknown;
  return State::known;
}

}  // namespace

Stream::Stream(const Recording& document) : document_(document), end_(target_of(document.run)) {}

uint64_t Stream::sent(const Event& event) const {
  if (event.side != Side::sender) return 0;
  const auto into = [this](End from, End to) { return to == end_ && from != end_; };
  if (event.kind == EventKind::copy) return into(event.from, event.to) ? event.bytes : 0;
  if (event.kind != EventKind::syscall) return 0;
  const auto& name = document_.names.at(event.name);
  return moved(event, name, may_send(name), into);
}

uint64_t Stream::received(const Event& event) const {
  if (event.side != Side::receiver || event.kind != EventKind::syscall) return 0;
  const auto out_of = [this](End from, End to) { return from == end_ && to != end_; };
  const auto& name = document_.names.at(event.name);
  return moved(event, name, may_receive(name), out_of);
}

Receives receives(const Recording& document, std::optional<Window> round) {
  Receives found;
  if (!round) return found;
  if (const auto why = obstacle(document)) {
    found.state = *why;
    return found;
  }
  const Stream stream(document);
  Line out, in;
  uint64_t first_sent = 0;
  for (const auto& event : document.events) {
    const auto sent = stream.sent(event);
    if (sent == 0) continue;
    const auto at = out.take(event, sent);
    if (event.t_ns < round->from || event.t_ns > round->until) continue;
    if (found.range.from == found.range.until) {
      found.range = {at, at};
      first_sent = event.t_ns;
    }
    found.range.until = at + sent;
  }
  found.window = *round;
  std::optional<uint64_t> first_received;
  for (const auto& event : document.events) {
    const auto bytes = stream.received(event);
    if (bytes == 0) continue;
    const auto at = in.take(event, bytes);
    if (!found.range.overlaps(at, bytes)) continue;
    const Receive receive{event, bytes, std::min(at + bytes, found.range.until) - std::max(at, found.range.from)};
    if (++found.count <= Receives::kNamed)
      found.named.push_back(receive);
    else
      found.named.back() = receive;
    first_received = std::min(first_received.value_or(end_of(event)), end_of(event));
    found.complete_ns = std::max(found.complete_ns, end_of(event));
  }
  found.window.until = std::max(found.window.until, found.complete_ns);
  found.sent = out.bytes();
  found.received = in.bytes();
  found.state = verdict(document, found, out, in, first_sent, first_received.value_or(0));
  if (!found.known()) return found;

  uint64_t put = 0, taken = 0;
  for (const auto& event : document.events) {
    if (event.t_ns > found.window.until) break;
    const auto sent = stream.sent(event), received = stream.received(event);
    if (sent + received == 0) continue;
    auto& at = sent > 0 ? put : taken;
    const bool ours = found.range.overlaps(at, sent + received);
    at += sent + received;
    if (end_of(event) < found.window.from) continue;
    if (sent > 0) {
      add_burst(ours ? found.sends : found.sends_of_others, event, found.window);
    } else {
      add_burst(ours ? found.calls : found.calls_of_others, event, found.window);
      found.count_of_others += ours ? 0 : 1;
    }
  }
  return found;
}

std::string unknown_text(const Receives& receives, Language language) {
  const auto why = [&]() -> std::string {
    const auto plain = [&](Text text) { return std::string(words(text, language)); };
    switch (receives.state) {
      case State::known:
      case State::nobody:
        return {};
      case State::not_recorded:
        return plain(Text::sequence_unknown_recorded);
      case State::lost:
        return plain(Text::sequence_unknown_lost);
      case State::many_sockets:
        return plain(Text::sequence_unknown_sockets);
      case State::nothing_sent:
        return plain(Text::sequence_unknown_sent);
      case State::framed:
        return say(language, Text::sequence_unknown_framing, format_exact(receives.received - receives.sent));
      case State::sums_differ:
        return say(language, Text::sequence_unknown_sums, format_exact(receives.sent), format_exact(receives.received));
      case State::order_unknown:
        return plain(Text::sequence_unknown_order);
    }
    return {};
  }();
  return why.empty() ? "" : say(language, Text::sequence_receives_unknown, why);
}

}  // namespace zctrace::diagram
