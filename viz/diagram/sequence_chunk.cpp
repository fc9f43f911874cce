#include "viz/diagram/sequence_chunk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/edge_label.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "viz/diagram/playback_words.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

constexpr double kGutter = 118;      ///< for the lanes' names, wide
constexpr double kNarrowTall = 470;  ///< of the time's axis, narrow
constexpr double kStub = 16;         ///< of the thread before and after the window
constexpr size_t kListed = 6;        ///< copies, below the picture on a phone
constexpr size_t kArrows = 24;       ///< of one chip

/// One sentence of its parts; empty ones are left out.
std::string join(std::initializer_list<std::string> parts, Language language) {
  std::string text;
  for (const auto& part : parts)
    if (!part.empty()) text += (text.empty() ? "" : std::string(words(Text::comma, language))) + part;
  return text;
}

}  // namespace

ChunkPicture::ChunkPicture(const Recording& document, const Options& options, const Choice& choice, const Scene& scene)
    : document_(document),
      options_(options),
      choice_(choice),
      scene_(scene),
      svg_(options, say(options.language, Text::sequence_title, summary::full_title(document.run, options.language)),
           lesson() + ". " + choice_text()),
      frame_(svg_, options.form == Form::narrow, choice.window, 0, 0) {}

std::string ChunkPicture::lesson() const {
  if (document_.events.empty()) return std::string(words_of(Text::sequence_no_events));
  const auto language = options_.language;
  const uint64_t faults = scene_.user_faults;
  const auto& run = document_.run;
  // What was lost may have been a copy.
  const bool known = !run.evidence.copies_unknown && run.evidence.copies != Evidence::none && run.lost.events == 0;
  std::string copied;
  if (scene_.cpu_bytes > 0) {
    copied = say(language, Text::sequence_copied, summary::mark(run.evidence.copies) + format_bytes(scene_.cpu_bytes));
  } else {
    copied = words_of(known ? Text::sequence_nothing_copied : Text::copies_not_known);
  }
  if (run.evidence.system_calls == Evidence::none) return copied;
  const auto switches =
      summary::mode_switches_text(quantities::counted(scene_.mode_switches, mode_switches_evidence(run)), language);
  return join({summary::mark(run.evidence.system_calls) +
                   say_count(language, scene_.calls, Text::sequence_one_call, Text::sequence_calls),
               faults == 0 ? "" : say_count(language, faults, Text::sequence_one_fault, Text::sequence_faults),
               switches, copied},
              language);
}

std::string ChunkPicture::choice_text() const {
  const auto language = options_.language;
  const auto duration = format_ns(choice_.window.duration());
  if (choice_.kind == Choice::Kind::run) return say(language, Text::sequence_no_call, duration);
  const auto begins = say(language, Text::sequence_begins, format_ns(choice_.window.from));
  if (choice_.kind == Choice::Kind::call) return say(language, Text::sequence_longest_call, duration) + " · " + begins;
  const bool chunk = choice_.rounds == chunks(document_.run);
  if (choice_.rounds == 1)
    return say_either(language, chunk, Text::sequence_only_chunk, Text::sequence_only_round, duration) + " · " + begins;
  auto text = say_either(language, chunk, Text::sequence_chunk_median, Text::sequence_round_median,
                         format_count(choice_.number), format_count(choice_.rounds), duration) +
              " · " + say(language, Text::sequence_extremes, format_ns(choice_.fastest), format_ns(choice_.slowest)) +
              " · " + begins;
  if (choice_.complete < choice_.rounds)
    text += " · " + say(language, Text::sequence_incomplete, format_count(choice_.rounds - choice_.complete));
  return text;
}

std::string ChunkPicture::elsewhere() const {
  if (choice_.rounds == 0 || !cpu_copies_per_byte(document_.run, document_.ledger, Side::sender)) return {};
  const auto rounds = static_cast<double>(choice_.rounds), here = static_cast<double>(scene_.cpu_bytes);
  const double each = static_cast<double>(cpu_bytes(document_.ledger, Side::sender)) / rounds;
  const double chunk = static_cast<double>(side_bytes(document_.ledger, Side::sender)) / rounds;
  if (each - here < 0.05 * chunk) return {};
  return say(options_.language, Text::sequence_elsewhere,
             summary::mark(document_.run.evidence.copies) + format_bytes(rounded(each)));
}

std::vector<std::string> ChunkPicture::notes() const {
  std::vector<std::string> notes;
  const auto& run = document_.run;
  if (run.evidence.copies == Evidence::inferred || run.evidence.copies == Evidence::sampled)
    notes.emplace_back(words_of(Text::sequence_inferred));
  const bool devices = scene_.knows_disk || scene_.knows_transmits;
  if (scene_.receives.known())
    notes.emplace_back(words_of(devices ? Text::sequence_pale : Text::sequence_devices_within));
  else
    notes.emplace_back(words_of(devices ? Text::sequence_others_pale : Text::sequence_within));
  if (scene_.disk.empty() && scene_.fetched_before)
    notes.push_back(
        say(options_.language, Text::sequence_read_ahead, format_ns(choice_.window.from - *scene_.fetched_before)));
  notes.push_back(caution(run, options_.language));
  if (wide()) return notes;
  // The chips are too small for the functions here.
  std::vector<std::string> copies;
  for (const auto* chips : {&outer_, &inner_})
    for (const auto& chip : *chips)
      if (!chip.meaning.empty() && copies.size() < kListed) copies.push_back(chip.tooltip);
  notes.insert(notes.begin(), copies.begin(), copies.end());
  return notes;
}

std::string ChunkPicture::call_text(const Event& call, bool with_time) const {
  const auto text =
      say(options_.language, Text::sequence_from_to, document_.names.at(call.name), result_of(document_, call));
  return with_time ? text + " · " + format_ns(call.dur_ns) : text;
}

std::string ChunkPicture::tip(const Event& event, const std::string& what) const {
  return what + " · " + say(options_.language, Text::sequence_at, format_ns(event.t_ns));
}

Chip ChunkPicture::chip(const Event& call) const {
  Chip chip;
  const Font strong{wide() ? 12.5 : 11.5, true}, plain{wide() ? 12.0 : 11.0};
  if (wide()) {
    chip.lines = {{call_text(call, false), "ink", strong}, {format_ns(call.dur_ns), "dim", plain}};
  } else {
    chip.lines = {{document_.names.at(call.name), "ink", strong},
                  {"→ " + result_of(document_, call), "ink", plain},
                  {format_ns(call.dur_ns), "dim", plain}};
  }
  chip.at = {(frame_.at(call.t_ns) + frame_.at(end_of(call))) / 2};
  if (!wide()) chip.at = {frame_.at(call.t_ns) + 1};
  chip.group = time_range(call.t_ns, end_of(call));
  chip.tooltip = tip(call, call_text(call, true));
  return chip;
}

Chip ChunkPicture::chip(const MovedAt& moved) const {
  Chip chip;
  const auto& run = document_.run;
  const auto language = options_.language;
  const auto label = summary::label(run, moved.edge, language);
  const auto& copy = moved.edge.copies.front();
  const bool seen = copy.evidence == Evidence::exact;
  const bool doubtful = summary::doubtful(run, copy);
  chip.meaning = doubtful                      ? "warn"
                 : copy.by == Mover::cpu       ? "cpu"
                 : copy.by == Mover::dma       ? "dma"
                 : copy.by == Mover::transform ? "transform"
                                               : "ref";
  chip.dash = copy.by == Mover::reference ? "6 4" : seen ? "" : "9 3";
  chip.to_call = !moved.crosses_to_user();
  const auto ends =
      say(language, Text::sequence_from_to, summary::word(copy.from, language), summary::word(copy.to, language));
  const auto how =
      label.how(200) + (copy.context == Context::syscall ? "" : " · " + summary::context_text(moved.edge, language));
  const Font strong{wide() ? 13.0 : 11.5, true}, plain{wide() ? 12.0 : 11.0}, small{wide() ? 11.5 : 11.0};
  if (wide()) {
    chip.lines = {{label.amount, chip.meaning, strong}, {ends, "ink", plain}, {how, "dim", small}};
  } else {
    chip.lines = {
        {summary::amount(moved.edge), chip.meaning, strong},
        {std::string(doubtful ? words_of(Text::unknown) : summary::word(copy.by, language)), chip.meaning, plain}};
    if (!label.calls.empty()) chip.lines.push_back({label.calls, "dim", small});
  }
  for (const auto ns : moved.at) {
    const double at = frame_.at(ns);
    if (chip.at.size() < kArrows && (chip.at.empty() || at > chip.at.back() + 3)) chip.at.push_back(at);
  }
  chip.group = time_range(moved.at.front(), moved.last);
  chip.tooltip =
      label.amount + " · " + ends + " · " + how + " · " + say(language, Text::sequence_at, format_ns(moved.at.front()));
  return chip;
}

void ChunkPicture::measure(std::vector<Chip>& chips) {
  std::stable_sort(chips.begin(), chips.end(),
                   [](const Chip& a, const Chip& b) { return a.at.front() < b.at.front(); });
  std::vector<Slot> slots;
  for (auto& chip : chips) {
    double width = 0;
    for (auto& line : chip.lines) {
      line.text = fit(line.text, wide() ? 230 : 70, line.font);
      width = std::max(width, text_width(line.text, line.font));
    }
    const double middle = wide() ? (chip.at.front() + chip.at.back()) / 2 : chip.at.front() + 12;
    slots.push_back({middle, wide() ? width + 16 : 13.5 * static_cast<double>(chip.lines.size()) + 9});
  }
  spread(slots, frame_.begin() - kStub, frame_.end() + kStub, 6);
  for (size_t i = 0; i < chips.size(); ++i) chips[i].slot = slots[i];
}

void ChunkPicture::chips() {
  for (const auto& moved : scene_.sender.moved) (moved.crosses() ? outer_ : inner_).push_back(chip(moved));
  for (const auto& piece : pieces(frame_, scene_.sender.calls, 40)) {
    if (piece.count > 1) continue;
    const auto& call = *piece.first;
    if (!wide() || text_width(document_.names.at(call.name), {13, true}) + 10 > piece.high - piece.low)
      (wide() ? outer_ : inner_).push_back(chip(call));
  }
  measure(outer_);
  measure(inner_);
}

ChunkPicture::Lanes ChunkPicture::lanes(double top) const {
  Lanes at{};
  if (!wide()) {
    at = {50, 52, 128, 138, 150, 162, 190, 202, 282, 286, 291, 307, 313, 329, 334, 340};
    return at;
  }
  at.user1 = top;
  at.chips1 = top + 8;
  at.chips2 = at.chips1 + (outer_.empty() ? 18 : 54);
  at.thread = at.chips2 + 26;
  at.boundary = at.thread + 22;
  at.block1 = at.boundary + 22;
  at.block2 = at.block1 + 54;
  at.inner1 = at.block2 + (inner_.empty() ? 0 : 34);
  at.inner2 = at.inner1 + (inner_.empty() ? 0 : 54);
  at.hardware1 = at.inner2 + 16;
  at.disk1 = at.hardware1 + 8;
  at.disk2 = at.disk1 + 22;
  at.nic1 = at.nic2 = at.disk2;
  if (has_network(document_.run)) {
    at.nic1 = at.disk2 + 10;
    at.nic2 = at.nic1 + 22;
  }
  at.hardware2 = at.nic2 + 8;
  at.others1 = at.hardware2 + 8;
  return at;
}

/// Of what is drawn.
std::vector<Sign> ChunkPicture::signs() const {
  std::vector<const Thread*> threads{&scene_.sender};
  for (const auto& other : scene_.others) threads.push_back(&other);
  const auto any = [&](const auto& test) { return std::ranges::any_of(threads, test); };
  const auto moved = [&](Mover by) {
    return std::ranges::any_of(scene_.sender.moved, [by](const MovedAt& each) { return each.edge.by == by; });
  };
  std::vector<Sign> signs{Sign::mode_switch, Sign::user, Sign::running};
  if (any([](const Thread* thread) { return !thread->off_cpu.empty(); })) signs.push_back(Sign::off_cpu);
  if (any([](const Thread* thread) { return !thread->softirqs.empty(); })) signs.push_back(Sign::softirq);
  if (std::ranges::any_of(scene_.others,
                          [](const Thread& other) { return !other.calls.empty() || !other.calls_of_others.empty(); }))
    signs.push_back(Sign::others);
  add_moves(signs, document_.run, moved(Mover::cpu), moved(Mover::reference));
  if (!scene_.sender.faults.empty()) signs.push_back(Sign::fault);
  return signs;
}

std::string ChunkPicture::draw() {
  const double top = head(svg_, document_, options_, lesson(), choice_text(), elsewhere());
  frame_ = wide() ? Frame(svg_, false, choice_.window, kMargin + kGutter + kStub, svg_.width() - kMargin - kStub - 6)
                  : Frame(svg_, true, choice_.window, top + 20 + kStub, top + 20 + kStub + kNarrowTall);
  chips();
  lanes_ = lanes(top);
  const double below = bands();
  draw_calls();
  draw_thread();
  draw_strip();
  draw_card();
  draw_disk();
  draw_chips(inner_, lanes_.inner1, lanes_.inner2, false);
  draw_chips(outer_, lanes_.chips1, lanes_.chips2, true);
  draw_switches();
  draw_others();
  return svg_.finish(foot(svg_, document_, options_, draw_receives(below), signs(), notes()));
}

}  // namespace zctrace::diagram
