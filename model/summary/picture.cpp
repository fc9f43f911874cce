#include "model/summary/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/quantities/quantities.h"
#include "model/summary/edge_label.h"
#include "model/summary/picture_claims.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/names.h"

namespace zctrace::summary {
namespace {

using namespace timeline;

constexpr size_t kMostLines = 12;  // of functions in a tooltip

class Finder {
 public:
  Finder(const Run& run, const Ledger& ledger, Language language, std::span<const std::string> order)
      : run_(run), ledger_(ledger), language_(language), order_(order) {}

  Picture all() {
    picture_.copies_known = run_.evidence.copies != Evidence::none;
    picture_.target_end = target_of(run_);
    if (picture_.target_end == End::pipe) picture_.arrival_end = End::pipe;
    picture_.has_card = has_network(run_);
    side(Side::sender, picture_.sender);
    side(Side::receiver, picture_.receiver);
    disk();
    card();
    boxes();
    leave_out();
    const auto& receiver = ledger_.receiver;
    picture_.has_receiver = !picture_.receiver.empty() ||
                            (has_receiver(run_) && (ledger_.received_bytes > 0 || !receiver.syscalls.empty()));
    picture_.switches = switches(Side::sender);
    picture_.receiver_switches = switches(Side::receiver);
    round();
    hold_against_claim(picture_, run_, ledger_, language_);
    return std::move(picture_);
  }

 private:
  std::string text(Text text) const { return std::string(words(text, language_)); }

  void side(Side side, std::vector<Arrow>& drawn) {
    const bool known = copies_evidence(run_, side) != Evidence::none;
    const auto all = side_bytes(ledger_, side);
    for (const auto& edge : edges(ledger_, side)) {
      // What is not known is not drawn: an arrow would say that it is.
      if (!known && edge.by != Mover::dma && edge.to != End::nic) continue;
      // Drivers pull their smallest packets together, a few dozen bytes of megabytes: no arrow of the method's.
      (edge.bytes < all / 100 ? picture_.besides : drawn).push_back(arrow(edge, all));
    }
  }

  /// The name as a person reads it: what is told from system calls has no function's.
  std::string function(const Copy& copy) const {
    auto name = copy.function == timeline::text(EventKind::syscall) ? std::string(word(Context::syscall, language_))
                                                                    : function_text(copy.function, language_);
    return copy.via.empty() ? name : say(language_, Text::function_within, name, copy.via);
  }

  std::string functions(const Edge& edge) const {
    std::vector<std::string> names;
    for (const auto& copy : edge.copies)
      if (const auto name = function(copy); !name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    if (names.empty()) return {};
    return names.size() == 1 ? names[0] : say(language_, Text::flow_and_more, names[0], names.size() - 1);
  }

  Arrow arrow(const Edge& edge, uint64_t all) const {
    const auto& first = edge.copies.front();
    const auto label = summary::label(run_, edge, language_);
    Arrow arrow;
    arrow.side = first.side;
    arrow.from = edge.from;
    arrow.to = edge.to;
    if (doubtful(run_, edge)) {
      arrow.style = ArrowStyle::doubtful;
    } else if (edge.by == Mover::dma) {
      arrow.style = ArrowStyle::dma;
    } else if (edge.by == Mover::reference) {
      arrow.style = edge.to == End::nic ? ArrowStyle::handed_over : ArrowStyle::reference;
    } else if (edge.by == Mover::transform) {
      arrow.style = ArrowStyle::transform;
    }
    const bool handed_over = arrow.style == ArrowStyle::handed_over;
    arrow.counted = worst(edge) == Evidence::exact;
    if (all > 0) arrow.per_byte = static_cast<double>(edge.bytes) / static_cast<double>(all);
    arrow.bytes = amount(edge);
    arrow.amount = handed_over ? say(language_, Text::flow_handed_over, arrow.bytes) : label.amount;
    arrow.short_amount = !handed_over             ? label.amount
                         : run_.path.kind.empty() ? text(Text::handed_over)
                                                  : text(Text::handed_over_no_dma);
    arrow.calls = label.calls;
    arrow.function = arrow.style == ArrowStyle::doubtful ? label.function : functions(edge);
    arrow.short_function = label.function;
    if (edge.from == edge.to && edge.by == Mover::cpu) arrow.circumstance = context_text(edge, language_);
    if (edge.by == Mover::transform) arrow.circumstance = transformer_text(edge, language_);
    arrow.key = fmt::format("{}/{}/{}/{}", timeline::text(first.side), timeline::text(edge.from),
                            timeline::text(edge.to), timeline::text(edge.by));
    arrow.tooltip = tooltip(edge, all, arrow.amount);
    return arrow;
  }

  std::string tooltip(const Edge& edge, uint64_t all, const std::string& amount) const {
    auto text = say(language_, Text::flow_route, word(edge.copies.front().side, language_), word(edge.from, language_),
                    word(edge.to, language_), amount);
    const auto ratio =
        all == 0 ? this->text(Text::unknown) : format_ratio(static_cast<double>(edge.bytes) / static_cast<double>(all));
    text += "\n" + say(language_, Text::flow_in_calls, format_exact(edge.bytes), format_count(edge.calls), ratio);
    for (size_t i = 0; i < std::min(edge.copies.size(), kMostLines); ++i) {
      const auto& copy = edge.copies[i];
      text += fmt::format("\n{}{} {} ×{} · {}", mark(copy.evidence), format_bytes(copy.bytes), function(copy),
                          format_count(copy.calls), word(copy.context, language_));
    }
    return text + "\n" + say(language_, Text::flow_evidence_is, word(worst(edge), language_));
  }

  const Arrow* find(End from, End to) const {
    const auto found =
        std::ranges::find_if(picture_.sender, [&](const Arrow& a) { return a.from == from && a.to == to; });
    return found == picture_.sender.end() ? nullptr : &*found;
  }

  /// Bytes of the sender's came there or went from there, be it few.
  bool touched(End end) const {
    const auto touches = [&](const Arrow& a) { return a.side == Side::sender && (a.from == end || a.to == end); };
    return std::ranges::any_of(picture_.sender, touches) || std::ranges::any_of(picture_.besides, touches);
  }

  /// An arrow of bytes that the copies do not name, but what the device was asked for does.
  Arrow by_device(End from, End to, Mover by, uint64_t bytes, uint64_t calls, Evidence evidence) const {
    return arrow({from,
                  to,
                  by,
                  bytes,
                  calls,
                  {Copy{from, to, by, "", "", bytes, calls, Side::sender, Context::syscall, evidence}}},
                 ledger_.payload_bytes);
  }

  /// The device's arrows say what it was asked for.
  template <class Test>
  void count_in(const std::string& requests, const Test& test) {
    for (auto* arrows : {&picture_.sender, &picture_.besides})
      for (auto& arrow : *arrows)
        if (arrow.side == Side::sender && test(arrow)) {
          arrow.function = arrow.short_function = requests;
          arrow.calls.clear();
        }
  }

  void disk() {
    const auto evidence = run_.evidence.disk;
    if (!touched(End::disk) && ledger_.dma.disk_bytes > 0 && evidence != Evidence::none)
      picture_.sender.insert(picture_.sender.begin(),
                             by_device(End::disk, End::page_cache, Mover::dma, ledger_.dma.disk_bytes,
                                       ledger_.dma.disk_requests, evidence));
    count_in(say_count(language_, ledger_.dma.disk_requests, Text::one_request, Text::many_requests),
             [](const Arrow& arrow) { return arrow.from == End::disk && arrow.style != ArrowStyle::copy; });
    if (const auto writes = ledger_.dma.write_requests)
      count_in(say_count(language_, *writes, Text::one_request, Text::many_requests),
               [](const Arrow& arrow) { return arrow.to == End::disk && arrow.style == ArrowStyle::dma; });
    for (auto& arrow : picture_.sender)
      if (arrow.from == End::disk && arrow.to == End::user_buffer) arrow.circumstance = text(Text::past_the_cache);
    const bool used = touched(End::disk);
    const auto& source = run_.source;
    // A traced program's source need not be known: then nothing is said of it but its requests.
    const bool none = !source.dma && !source.filesystem.empty() && !used;
    const auto what = source.device.empty() || source.device == source.filesystem
                          ? source.filesystem
                          : source.device + text(Text::comma) + source.filesystem;
    picture_.disk = {text(none ? Text::no_disk : Text::disk), what.empty() ? text(Text::unknown) : what, used};
    if (used) return;
    if (none) {
      picture_.disk_remark = {text(Text::flow_no_disk_dma), text(Text::no_dma)};
    } else {
      const bool unknown = evidence == Evidence::none;
      const auto remark = text(unknown ? Text::unknown : Text::not_read);
      picture_.disk_remark = {remark, remark, unknown};
    }
  }

  void card() {
    const auto& path = run_.path;
    const auto& sent = ledger_.transmit;
    const bool unknown = run_.evidence.nic == Evidence::none;
    const auto to_card = [](const Arrow& arrow) { return arrow.to == End::nic; };
    if (unknown) {
      std::erase_if(picture_.sender, to_card);
      std::erase_if(picture_.besides, to_card);
    }
    if (!picture_.has_card) return;
    if (!unknown && !touched(End::nic) && sent.payload_bytes > 0)
      picture_.sender.push_back(by_device(End::socket_buffer, End::nic, path.dma ? Mover::dma : Mover::reference,
                                          path.dma ? ledger_.dma.nic_bytes : sent.payload_bytes, sent.packets,
                                          run_.evidence.nic));
    const auto packets = say_count(language_, sent.packets, Text::one_packet, Text::many_packets);
    count_in(packets, to_card);
    picture_.device = !path.device.empty() ? path.device : path.kind.empty() ? text(Text::network) : path.kind;
    picture_.device_kind = path.dma || path.kind.empty() ? path.driver : say(language_, Text::path_no_dma, path.kind);
    auto below = picture_.device_kind;
    if (path.dma && !path.device.empty())
      below = path.driver.empty() ? path.device : say(language_, Text::with_remark, path.device, path.driver);
    if (below.empty()) below = text(Text::unknown);
    if (picture_.device_kind.empty()) picture_.device_kind = text(Text::unknown);
    picture_.card = {path.dma ? text(Text::nic) : picture_.device, below, !unknown};
    if (unknown) {
      picture_.card_remark = {text(Text::unknown), text(Text::unknown), true};
    } else if (!touched(End::nic)) {
      const auto remark = sent.packets == 0 ? text(Text::nothing_sent) : packets;
      picture_.card_remark = {remark, remark};
    }
  }

  void boxes() {
    const auto* filled = find(End::page_cache, End::user_buffer);
    const bool mapped = filled != nullptr && filled->style == ArrowStyle::reference;
    const bool known = picture_.copies_known && !run_.evidence.copies_unknown;
    picture_.user = {text(mapped ? Text::user_buffer_mapped : Text::user_buffer), "", touched(End::user_buffer)};
    picture_.user_on_one_line = picture_.user.title;
    if (!picture_.user.used && known) {
      picture_.user.below = text(Text::flow_not_touched);
      picture_.user_on_one_line = text(Text::user_buffer_untouched);
    }
    picture_.page_cache = {text(Text::page_cache), "", touched(End::page_cache)};
    if (run_.source.resident_bytes > 0) {
      picture_.page_cache.below = say(language_, Text::flow_resident, format_bytes(run_.source.resident_bytes));
    } else if (!picture_.page_cache.used && find(End::disk, End::user_buffer) != nullptr) {
      picture_.page_cache.below = text(Text::flow_passed_by);
    }
    const auto target = picture_.target_end;
    // Where the pipe is what all leads to, it is no station on the way; nor for what is too little for an arrow.
    const bool piped = std::ranges::any_of(
        picture_.sender, [](const Arrow& arrow) { return arrow.from == End::pipe || arrow.to == End::pipe; });
    picture_.pipe = {text(Text::pipe), "", target != End::pipe && piped};
    const bool several = run_.sinks > 1;
    if (target == End::pipe) {
      picture_.target = {text(several ? Text::pipes : Text::pipe), "", touched(End::pipe), several};
      picture_.arrival = picture_.target;
      picture_.arrival.below = text(Text::flow_same);
    } else {
      picture_.arrival = {several ? say(language_, Text::many_socket_buffers, run_.sinks) : text(Text::socket_buffer),
                          "", true, several};
      picture_.target = target != End::file
                            ? picture_.arrival
                            : Box{several ? say(language_, Text::many_files, run_.sinks) : text(Text::file),
                                  text(Text::flow_in_cache), touched(End::file), several};
    }
    const auto received_in = [&](End end) {
      return std::ranges::any_of(picture_.receiver,
                                 [&](const Arrow& arrow) { return arrow.from == end || arrow.to == end; });
    };
    picture_.judges_receiver = run_.judged == Side::receiver;
    const bool to_file = received_in(End::file);
    picture_.receiver_user = {text(Text::user_buffer), to_file ? text(Text::flow_not_touched) : "", !to_file, several};
    picture_.receiver_pipe = {text(Text::pipe), "", to_file && received_in(End::pipe)};
    picture_.receiver_file = {text(Text::file), text(Text::flow_in_cache), to_file};
    bool segmented = false;
    for (const auto& copy : ledger_.copies)
      segmented |= copy.from == End::socket_buffer && copy.to == End::socket_buffer && copy.via == "skb_segment";
    const auto* staged = find(End::socket_buffer, End::socket_buffer);
    const bool sealed = staged != nullptr && staged->style == ArrowStyle::transform;
    picture_.stage = {text(sealed      ? Text::sealed_records
                           : segmented ? Text::new_socket_buffer
                                       : Text::flow_same_socket_buffer),
                      "", staged != nullptr};
    // tee: the second pipe holds the same pages.
    if (picture_.pipe.used)
      if (const auto loop = std::ranges::find_if(
              picture_.sender, [](const Arrow& arrow) { return arrow.from == End::pipe && arrow.to == End::pipe; });
          loop != picture_.sender.end())
        loop->amount = loop->short_amount = say(language_, Text::doubled, loop->amount);
  }

  /// An arrow needs a way in the picture; what has none is told below it.
  void leave_out() {
    const auto target = picture_.target_end;
    const std::pair<End, End> ways[] = {
        {End::disk, End::page_cache},  {End::disk, End::user_buffer}, {End::page_cache, End::user_buffer},
        {End::page_cache, End::pipe},  {End::user_buffer, End::pipe}, {End::user_buffer, target},
        {End::pipe, target},           {End::pipe, End::pipe},        {End::socket_buffer, End::socket_buffer},
        {End::socket_buffer, End::nic}};
    const bool piped = picture_.pipe.used;
    const auto arrival = picture_.arrival_end;
    const bool gifted = find(End::user_buffer, End::pipe) != nullptr || find(End::pipe, End::user_buffer) != nullptr;
    std::erase_if(picture_.sender, [&](const Arrow& arrow) {
      const bool drawn = std::any_of(std::begin(ways), std::end(ways),
                                     [&](auto way) { return arrow.between(way.first, way.second); }) ||
                         (!piped && arrow.between(End::page_cache, target));
      const bool crowded = (gifted && piped && arrow.between(End::pipe, End::pipe)) ||
                           (!picture_.has_card && arrow.between(End::socket_buffer, End::nic));
      if (!drawn || crowded) picture_.besides.push_back(arrow);
      return !drawn || crowded;
    });
    std::erase_if(picture_.receiver, [&](const Arrow& arrow) {
      const bool through_pipe = picture_.receiver_pipe.used && ((arrow.from == arrival && arrow.to == End::pipe) ||
                                                                (arrow.from == End::pipe && arrow.to == End::file));
      const bool drawn =
          through_pipe || (arrow.from == arrival && (arrow.to == End::user_buffer || arrow.to == arrival));
      if (!drawn) picture_.besides.push_back(arrow);
      return !drawn;
    });
  }

  Switches switches(Side side) const {
    const quantities::Subject subject{run_, ledger_, side};
    Switches switches;
    switches.total = mode_switches_text(run_, ledger_, side, language_, false);
    switches.per_chunk = switches.causes = mode_switches_text(run_, ledger_, side, language_);
    if (side == Side::sender && quantities::amount("mode_switches/fault", subject).count != 0 &&
        quantities::amount("mode_switches/per_chunk", subject).number)
      switches.causes = say(language_, Text::flow_by_faults, switches.per_chunk,
                            quantities::shown("mode_switches/fault", subject, language_));
    return switches;
  }

  /// Reading comes before writing, and memory is lent after it was read into and dropped after it was sent; of other
  /// calls the counts do not say.
  static int rank(const std::string& name) {
    for (const char* in : {"read", "pread", "recv"})
      if (name.starts_with(in)) return 0;
    for (const char* out : {"write", "pwrite", "sendto", "sendmsg", "sendmmsg"})
      if (name.starts_with(out)) return 3;
    if (name == "vmsplice") return 1;
    return name == "madvise" ? 4 : 2;
  }

  /// The same in the order of a round that was seen, if it has these calls and so many of each.
  bool round_in_order(const std::vector<std::pair<std::string, uint64_t>>& calls, double base, size_t most) {
    if (order_.empty() || order_.size() > most) return false;
    size_t counted = 0;
    for (const auto& [name, count] : calls) {
      const auto seen = std::ranges::count(order_, name);
      if (std::abs(static_cast<double>(count) / base - static_cast<double>(seen)) > 0.005) return false;
      counted += static_cast<size_t>(seen);
    }
    if (counted != order_.size()) return false;
    for (size_t i = 0; i < order_.size(); ++i) picture_.round.push_back({order_[i], 2 * i + 1, 2 * i + 2});
    return true;
  }

  /// The calls of one chunk; where the chunks are unknown, or were done in fewer calls, of the most frequent call.
  void round() {
    constexpr size_t kMostCalls = 4;
    if (run_.evidence.system_calls == Evidence::none) return;
    const auto& sender = ledger_.sender;
    std::vector<std::pair<std::string, uint64_t>> calls(sender.syscalls.begin(), sender.syscalls.end());
    const auto faults = quantities::amount("mode_switches/fault", {run_, ledger_}).count;
    if (faults > 1) calls.emplace_back(text(Text::flow_one_fault), faults / 2);
    std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (calls.empty() || calls[0].second == 0) return;
    auto base = static_cast<double>(chunks(run_));
    const auto most = static_cast<double>(calls[0].second);
    if (base == 0 || most < base / 2) base = most;
    std::erase_if(calls, [&](const auto& call) { return static_cast<double>(call.second) < base / 2; });
    if (calls.size() > kMostCalls) calls.resize(kMostCalls);
    std::stable_sort(calls.begin(), calls.end(),
                     [](const auto& a, const auto& b) { return rank(a.first) < rank(b.first); });
    if (round_in_order(calls, base, kMostCalls)) return;
    uint64_t number = 1;
    for (const auto& [name, count] : calls) {
      const double times = static_cast<double>(count) / base, whole = std::clamp(std::round(times), 1.0, 1e15);
      const bool even = std::abs(times - whole) < 0.005;
      if (even && calls.size() == 1 && whole <= 3) {
        for (int i = 0; i < static_cast<int>(whole); ++i, number += 2)
          picture_.round.push_back({name, number, number + 1});
      } else {
        picture_.round.push_back({even && whole == 1 ? name
                                  : even ? fmt::format("{} ×{}", name, format_count(static_cast<uint64_t>(whole)))
                                         : fmt::format("{} ×{}", name, format_ratio(times)),
                                  number, number + 2 * static_cast<uint64_t>(whole) - 1});
        number += 2 * static_cast<uint64_t>(whole);
      }
    }
  }

  const Run& run_;
  const Ledger& ledger_;
  const Language language_;
  const std::span<const std::string> order_;
  Picture picture_;
};

}  // namespace

Picture picture(const Run& run, const Ledger& ledger, Language language, std::span<const std::string> order) {
  return Finder(run, ledger, language, order).all();
}

std::string in_words(std::span<const Arrow> arrows, Language language) {
  constexpr size_t kMost = 6;
  constexpr int kMostColumns = 48;  // of a function's name
  std::string joined;
  for (const auto& arrow : arrows.first(std::min(arrows.size(), kMost))) {
    joined += fmt::format("{}{} → {}: {}", joined.empty() ? "" : "; ", word(arrow.from, language),
                          word(arrow.to, language), arrow.amount);
    if (!arrow.function.empty())
      joined +=
          fmt::format(" ({}{}{})", fit(arrow.function, kMostColumns), arrow.calls.empty() ? "" : " ", arrow.calls);
  }
  if (arrows.size() > kMost) joined += fmt::format("; … +{}", arrows.size() - kMost);
  return joined;
}

}  // namespace zctrace::summary
