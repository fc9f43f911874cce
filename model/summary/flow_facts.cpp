#include "model/summary/flow_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "model/summary/edge_label.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/names.h"

namespace zctrace::summary {
namespace {

using namespace timeline;

constexpr size_t kMostLines = 12;  // of functions in a tooltip

class Finder {
 public:
  Finder(const Run& run, const Ledger& ledger, Language language) : run_(run), ledger_(ledger), language_(language) {}

  Facts all() {
    facts_.copies_known = run_.evidence.copies != Evidence::none;
    facts_.target_end = target_of(run_);
    if (facts_.target_end == End::pipe) facts_.arrival_end = End::pipe;
    facts_.has_card = has_network(run_);
    side(Side::sender, facts_.sender);
    side(Side::receiver, facts_.receiver);
    disk();
    card();
    places();
    leave_out();
    const auto& receiver = ledger_.receiver;
    facts_.has_receiver =
        !facts_.receiver.empty() || (has_receiver(run_) && (ledger_.received_bytes > 0 || !receiver.syscalls.empty()));
    facts_.switches = switches(ledger_.sender, mode_switches_per_chunk(run_, ledger_));
    facts_.receiver_switches = switches(receiver, {});
    return std::move(facts_);
  }

 private:
  std::string text(Text text) const { return std::string(words(text, language_)); }

  void side(Side side, std::vector<Moved>& drawn) {
    const bool known = copies_evidence(run_, side) != Evidence::none;
    const auto all = side_bytes(ledger_, side);
    for (const auto& edge : edges(ledger_, side)) {
      // What is not known is not drawn: an arrow would say that it is.
      if (!known && edge.by != Mover::dma && edge.to != End::nic) continue;
      (edge.bytes < all / 100 ? facts_.besides : drawn).push_back(moved(edge, all));
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

  Moved moved(const Edge& edge, uint64_t all) const {
    const auto& first = edge.copies.front();
    const auto label = summary::label(run_, edge, language_);
    Moved moved;
    moved.from = edge.from;
    moved.to = edge.to;
    if (doubtful(run_, edge)) {
      moved.look = Look::doubtful;
    } else if (edge.by == Mover::dma) {
      moved.look = Look::dma;
    } else if (edge.by == Mover::reference) {
      moved.look = edge.to == End::nic ? Look::handed_over : Look::reference;
    }
    moved.counted = std::all_of(edge.copies.begin(), edge.copies.end(),
                                [](const Copy& copy) { return copy.evidence == Evidence::exact; });
    if (all > 0) moved.per_byte = static_cast<double>(edge.bytes) / static_cast<double>(all);
    moved.amount =
        moved.look == Look::handed_over ? say(language_, Text::flow_handed_over, amount(edge)) : label.amount;
    moved.calls = label.calls;
    moved.function = moved.look == Look::doubtful ? label.function : functions(edge);
    if (edge.from == edge.to && edge.by == Mover::cpu) moved.circumstance = context_text(edge, language_);
    moved.key = fmt::format("{}/{}/{}/{}", timeline::text(first.side), timeline::text(edge.from),
                            timeline::text(edge.to), timeline::text(edge.by));
    moved.tooltip = tooltip(edge, all, moved.amount);
    return moved;
  }

  std::string tooltip(const Edge& edge, uint64_t all, const std::string& amount) const {
    auto text = say(language_, Text::flow_route, word(edge.copies.front().side, language_), word(edge.from, language_),
                    word(edge.to, language_), amount);
    const auto ratio =
        all == 0 ? this->text(Text::unknown) : format_ratio(static_cast<double>(edge.bytes) / static_cast<double>(all));
    text += "\n" + say(language_, Text::flow_in_calls, format_exact(edge.bytes), format_count(edge.calls), ratio);
    Evidence worst = Evidence::exact;
    for (size_t i = 0; i < edge.copies.size(); ++i) {
      const auto& copy = edge.copies[i];
      worst = std::max(worst, copy.evidence);
      if (i < kMostLines)
        text += fmt::format("\n{}{} {} ×{} · {}", mark(copy.evidence), format_bytes(copy.bytes), function(copy),
                            format_count(copy.calls), word(copy.context, language_));
    }
    return text + "\n" + say(language_, Text::flow_evidence_is, word(worst, language_));
  }

  const Moved* find(End from, End to) const {
    const auto found = std::find_if(facts_.sender.begin(), facts_.sender.end(),
                                    [&](const Moved& m) { return m.from == from && m.to == to; });
    return found == facts_.sender.end() ? nullptr : &*found;
  }

  void disk() {
    const auto requests = say_count(language_, ledger_.dma.disk_requests, Text::one_request, Text::many_requests);
    bool used = false;
    for (auto& moved : facts_.sender)
      if (moved.from == End::disk || moved.to == End::disk) {
        used = true;
        moved.function = requests;
        moved.calls.clear();
        if (moved.to == End::user_buffer) moved.circumstance = text(Text::past_the_cache);
      }
    const auto evidence = run_.evidence.disk;
    if (!used && ledger_.dma.disk_bytes > 0 && evidence != Evidence::none) {
      // Of a run whose copies name no disk: as the requests say.
      const Edge edge{End::disk,
                      End::page_cache,
                      Mover::dma,
                      ledger_.dma.disk_bytes,
                      ledger_.dma.disk_requests,
                      {Copy{End::disk, End::page_cache, Mover::dma, "", "", ledger_.dma.disk_bytes,
                            ledger_.dma.disk_requests, Side::sender, Context::syscall, evidence}}};
      auto derived = moved(edge, ledger_.payload_bytes);
      derived.function = requests;
      derived.calls.clear();
      facts_.sender.insert(facts_.sender.begin(), std::move(derived));
      used = true;
    }
    const auto& source = run_.source;
    const bool none = !source.dma && !source.filesystem.empty() && !used;
    auto what = source.device.empty() || source.device == source.filesystem
                    ? source.filesystem
                    : fmt::format("{}, {}", source.device, source.filesystem);
    facts_.disk = {text(none ? Text::no_disk : Text::disk), what.empty() ? text(Text::unknown) : what, used};
    if (!used)
      facts_.disk_remark = text(none                         ? Text::flow_no_disk_dma
                                : evidence == Evidence::none ? Text::unknown
                                                             : Text::not_read);
  }

  void card() {
    const auto& path = run_.path;
    const bool unknown = run_.evidence.nic == Evidence::none;
    const auto packets = say_count(language_, ledger_.transmit.packets, Text::one_packet, Text::many_packets);
    if (unknown) std::erase_if(facts_.sender, [](const Moved& moved) { return moved.to == End::nic; });
    if (!facts_.has_card) return;
    bool sent = false;
    for (auto& moved : facts_.sender)
      if (moved.to == End::nic) {
        sent = true;
        moved.function = packets;
        moved.calls.clear();
      }
    if (!sent && !unknown && ledger_.transmit.payload_bytes > 0) {
      const auto bytes = path.dma ? ledger_.dma.nic_bytes : ledger_.transmit.payload_bytes;
      const auto by = path.dma ? Mover::dma : Mover::reference;
      const Edge edge{End::socket_buffer,
                      End::nic,
                      by,
                      bytes,
                      ledger_.transmit.packets,
                      {Copy{End::socket_buffer, End::nic, by, "", "", bytes, ledger_.transmit.packets, Side::sender,
                            Context::syscall, run_.evidence.nic}}};
      auto derived = moved(edge, ledger_.payload_bytes);
      derived.function = packets;
      derived.calls.clear();
      facts_.sender.push_back(std::move(derived));
    }
    auto kind = path.dma || path.kind.empty() ? path.driver : say(language_, Text::path_no_dma, path.kind);
    if (path.dma && !path.device.empty())
      kind = path.driver.empty() ? path.device : say(language_, Text::with_remark, path.device, path.driver);
    facts_.card = {path.dma               ? text(Text::nic)
                   : !path.device.empty() ? path.device
                   : path.kind.empty()    ? text(Text::network)
                                          : path.kind,
                   kind.empty() ? text(Text::unknown) : kind, !unknown};
    if (unknown) facts_.card_remark = text(Text::unknown);
  }

  void places() {
    const auto touched = [&](End end) {
      return std::any_of(facts_.sender.begin(), facts_.sender.end(),
                         [&](const Moved& m) { return m.from == end || m.to == end; });
    };
    const auto* filled = find(End::page_cache, End::user_buffer);
    const bool mapped = filled != nullptr && filled->look == Look::reference;
    const bool known = facts_.copies_known && !run_.evidence.copies_unknown;
    facts_.user = {text(mapped ? Text::user_buffer_mapped : Text::user_buffer), "", touched(End::user_buffer)};
    if (!facts_.user.used && known) facts_.user.below = text(Text::flow_not_touched);
    facts_.page_cache = {text(Text::page_cache), "", touched(End::page_cache)};
    if (run_.source.resident_bytes > 0) {
      facts_.page_cache.below = say(language_, Text::flow_resident, format_bytes(run_.source.resident_bytes));
    } else if (!facts_.page_cache.used && find(End::disk, End::user_buffer) != nullptr) {
      facts_.page_cache.below = text(Text::flow_passed_by);
    }
    const auto target = facts_.target_end;
    // Where the pipe is what all leads to, it is no station on the way.
    facts_.pipe = {text(Text::pipe), "", target != End::pipe && touched(End::pipe)};
    const bool several = run_.sinks > 1;
    if (target == End::pipe) {
      facts_.target = {text(several ? Text::pipes : Text::pipe), "", touched(End::pipe), several};
      facts_.arrival = facts_.target;
      facts_.arrival.below = text(Text::flow_same);
    } else {
      facts_.arrival = {several ? say(language_, Text::many_socket_buffers, run_.sinks) : text(Text::socket_buffer), "",
                        true, several};
      facts_.target = target != End::file
                          ? facts_.arrival
                          : Place{several ? say(language_, Text::many_files, run_.sinks) : text(Text::file),
                                  text(Text::flow_in_cache), touched(End::file), several};
    }
    bool segmented = false;
    for (const auto& copy : ledger_.copies)
      segmented |= copy.from == End::socket_buffer && copy.to == End::socket_buffer && copy.via == "skb_segment";
    facts_.stage = {text(segmented ? Text::new_socket_buffer : Text::flow_same_socket_buffer), "",
                    find(End::socket_buffer, End::socket_buffer) != nullptr};
    const auto* loop = find(End::pipe, End::pipe);
    if (loop != nullptr && facts_.pipe.used)
      for (auto& moved : facts_.sender)
        if (&moved == loop) moved.amount = say(language_, Text::doubled, moved.amount);
  }

  /// An arrow needs a way in the picture; what has none is told below it.
  void leave_out() {
    const auto target = facts_.target_end;
    const std::pair<End, End> ways[] = {
        {End::disk, End::page_cache},  {End::disk, End::user_buffer}, {End::page_cache, End::user_buffer},
        {End::page_cache, End::pipe},  {End::user_buffer, End::pipe}, {End::user_buffer, target},
        {End::pipe, target},           {End::pipe, End::pipe},        {End::socket_buffer, End::socket_buffer},
        {End::socket_buffer, End::nic}};
    const bool piped = facts_.pipe.used;
    const auto arrival = facts_.arrival_end;
    const bool gifted = find(End::user_buffer, End::pipe) != nullptr || find(End::pipe, End::user_buffer) != nullptr;
    const auto leads = [&](const Moved& moved, End from, End to) {
      return (moved.from == from && moved.to == to) || (moved.from == to && moved.to == from);
    };
    std::erase_if(facts_.sender, [&](const Moved& moved) {
      const bool drawn = std::any_of(std::begin(ways), std::end(ways),
                                     [&](auto way) { return leads(moved, way.first, way.second); }) ||
                         (!piped && leads(moved, End::page_cache, target));
      const bool crowded = (gifted && piped && leads(moved, End::pipe, End::pipe)) ||
                           (!facts_.has_card && leads(moved, End::socket_buffer, End::nic));
      if (!drawn || crowded) facts_.besides.push_back(moved);
      return !drawn || crowded;
    });
    std::erase_if(facts_.receiver, [&](const Moved& moved) {
      const bool drawn = moved.from == arrival && (moved.to == End::user_buffer || moved.to == arrival);
      if (!drawn) facts_.besides.push_back(moved);
      return !drawn;
    });
  }

  std::string switches(const Figures& figures, std::optional<double> each) {
    const auto evidence = run_.evidence.system_calls;
    if (evidence == Evidence::none) return text(Text::switches_unknown);
    if (&figures == &ledger_.sender) round();
    const auto total = mark(evidence) + format_count(figures.mode_switches.total());
    const auto sentence = each ? say(language_, Text::switches_each, total, format_ratio(*each))
                               : say(language_, Text::claim_switches, total);
    if (figures.mode_switches.fault == 0 || !each) return sentence;
    return say(language_, Text::flow_by_faults, sentence, format_count(figures.mode_switches.fault));
  }

  /// Reading comes before writing; of other calls the counts do not say.
  static int rank(const std::string& name) {
    for (const char* in : {"read", "pread", "recv"})
      if (name.starts_with(in)) return 0;
    for (const char* out : {"write", "pwrite", "sendto", "sendmsg", "sendmmsg"})
      if (name.starts_with(out)) return 2;
    return 1;
  }

  /// The calls of one chunk; where the chunks are unknown, or were done in fewer calls, of the most frequent call.
  void round() {
    constexpr size_t kMostCalls = 4;
    const auto& sender = ledger_.sender;
    std::vector<std::pair<std::string, uint64_t>> calls(sender.syscalls.begin(), sender.syscalls.end());
    if (sender.mode_switches.fault > 1) calls.emplace_back(text(Text::flow_one_fault), sender.mode_switches.fault / 2);
    std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (calls.empty() || calls[0].second == 0) return;
    auto base = static_cast<double>(chunks(run_));
    const auto most = static_cast<double>(calls[0].second);
    if (base == 0 || most < base / 2) base = most;
    std::erase_if(calls, [&](const auto& call) { return static_cast<double>(call.second) < base / 2; });
    if (calls.size() > kMostCalls) calls.resize(kMostCalls);
    std::stable_sort(calls.begin(), calls.end(),
                     [](const auto& a, const auto& b) { return rank(a.first) < rank(b.first); });
    uint64_t number = 1;
    for (const auto& [name, count] : calls) {
      const double times = static_cast<double>(count) / base, whole = std::clamp(std::round(times), 1.0, 1e15);
      const bool even = std::abs(times - whole) < 0.005;
      if (even && calls.size() == 1 && whole <= 3) {
        for (int i = 0; i < static_cast<int>(whole); ++i, number += 2)
          facts_.round.push_back({name, number, number + 1});
      } else {
        facts_.round.push_back({even && whole == 1 ? name
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
  Facts facts_;
};

}  // namespace

Facts facts(const Run& run, const Ledger& ledger, Language language) { return Finder(run, ledger, language).all(); }

}  // namespace zctrace::summary
