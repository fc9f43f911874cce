#include "viz/diagram/sequence_whole.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/units.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"
#include "viz/diagram/playback_words.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

constexpr double kGutter = 178, kColumn = 2;

double left_of(Form form) { return form == Form::wide ? kMargin + kGutter : kNarrowMargin; }
double right_of(Form form) { return width_of(form) - (form == Form::wide ? kMargin + 20 : kNarrowMargin); }

double highest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::vector<double> shares(std::vector<double> values, size_t threads) {
  for (auto& value : values) value = std::clamp(value / static_cast<double>(std::max<size_t>(threads, 1)), 0.0, 1.0);
  return values;
}

}  // namespace

size_t columns_of(Form form) { return static_cast<size_t>((right_of(form) - left_of(form)) / kColumn); }

WholePicture::WholePicture(const Recording& document, const Options& options, const Choice& chunk, const Density& seen)
    : document_(document),
      options_(options),
      chunk_(chunk),
      left_(left_of(options.form)),
      right_(right_of(options.form)),
      seen_(seen),
      svg_(options,
           say(options.language, Text::sequence_title_whole, summary::full_title(document.run, options.language)),
           lesson() + ". " + times()),
      frame_(svg_, false, seen_.window, left_, right_) {
  uint64_t ends = 0;
  for (const auto& mark : seen_.marks) {
    const auto& name = document.names.at(mark.name);
    if (name == "transfer ends") ends = mark.at;
    if (name == "send queue empty" && ends != 0) drain_ = {ends, std::max(ends, mark.at)};
  }
}

/// Where calls or waits are missing, what is left over is not time in user space.
bool WholePicture::all_recorded() const {
  const auto& lost = document_.run.lost.by_kind;
  return !lost.contains("syscall") && !lost.contains("off_cpu");
}

std::string WholePicture::share(double ns, size_t threads) const {
  const auto whole = static_cast<double>(seen_.window.duration()) * static_cast<double>(threads);
  if (whole <= 0 || !all_recorded()) return std::string(words_of(Text::unknown));
  const double percent = std::clamp(100 * ns / whole, 0.0, 100.0);
  return percent > 0 && percent < 0.5 ? "<1%" : fmt::format("{:.0f}%", percent);
}

std::string WholePicture::lesson() const {
  const auto& [run, ledger] = std::tie(document_.run, document_.ledger);
  const auto language = options_.language;
  const auto copied = cpu_bytes(ledger, Side::sender);
  const bool known = cpu_copies_per_byte(run, ledger, Side::sender).has_value();
  std::string text;
  if (run.evidence.system_calls != Evidence::none)
    text = summary::mark(run.evidence.system_calls) +
           say_count(language, call_count(ledger.sender), Text::sequence_one_call, Text::sequence_calls) +
           std::string(words_of(Text::comma)) +
           summary::mode_switches_text(run, ledger, Side::sender, language, false) + std::string(words_of(Text::comma));
  if (!known) return text + std::string(words_of(Text::copies_not_known));
  return text + (copied == 0
                     ? std::string(words_of(Text::sequence_nothing_copied))
                     : say(language, Text::sequence_copied, summary::mark(run.evidence.copies) + format_bytes(copied)));
}

std::string WholePicture::times() const {
  const auto& sender = seen_.sender;
  auto text = say(options_.language, Text::sequence_whole, format_ns(seen_.window.duration()));
  if (sender.threads == 0 || !all_recorded()) return text;
  const bool known = document_.run.evidence.context_switches != Evidence::none;
  return text + " · " +
         say(options_.language, Text::sequence_sender_time, share(sender.user.total(), 1),
             share(sender.kernel.total(), 1),
             known ? share(sender.off_in_call.total() + sender.off_in_user.total(), 1)
                   : std::string(words_of(Text::unknown)));
}

std::string WholePicture::time_shares(const Activity& activity, const Columns& running, const Columns& off) const {
  if (activity.threads == 0) return std::string(words_of(Text::sequence_none_seen));
  const bool known = document_.run.evidence.context_switches != Evidence::none;
  return say(options_.language, Text::sequence_and_off, share(running.total(), activity.threads),
             known ? share(off.total(), activity.threads) : std::string(words_of(Text::unknown)));
}

WholePicture::Lane WholePicture::activity(std::string name, const Activity& activity, std::string_view classes,
                                          double height) const {
  Lane lane{std::move(name), "", "dim", "kernel", height, {}};
  lane.layers = {{shares(activity.kernel.values(), activity.threads), classes},
                 {shares(activity.off_in_call.values(), activity.threads), "dim", Layer::Fill::hatched}};
  lane.figure = time_shares(activity, activity.kernel, activity.off_in_call);
  return lane;
}

WholePicture::Lane WholePicture::amounts(Text name, std::string figure, const std::vector<double>& values, double most,
                                         std::string_view classes) const {
  const double height = 30, least = 2.5 / height;  // what is not nothing is seen
  Lane lane{std::string(words_of(name)), std::move(figure), classes, "kernel", height, {{values, classes}}};
  for (auto& value : lane.layers.front().heights) value = value > 0 ? std::max(value / most, least) : 0;
  return lane;
}

std::string WholePicture::moved(Side side, Mover by) const {
  const auto& [run, ledger] = std::tie(document_.run, document_.ledger);
  uint64_t bytes = 0;
  Evidence worst = Evidence::exact;
  for (const auto& copy : ledger.copies) {
    // What is handed to the card is the card's lane.
    if (copy.side != side || copy.by != by || copy.to == End::nic) continue;
    bytes += copy.bytes;
    worst = std::max(worst, copy.evidence);
  }
  const bool known = side == Side::receiver ? copies_evidence(run, side) != Evidence::none
                                            : cpu_copies_per_byte(run, ledger, side).has_value();
  if (bytes == 0) return std::string(words_of(known ? Text::sequence_none_seen : Text::unknown));
  return summary::mark(worst) + format_bytes(bytes);
}

std::vector<WholePicture::Lane> WholePicture::lanes() const {
  const auto& [run, ledger] = std::tie(document_.run, document_.ledger);
  const auto language = options_.language;
  std::vector<Lane> lanes;
  const auto& sender = seen_.sender;
  const double softirq = seen_.softirq.total();
  lanes.push_back({std::string(words_of(Text::user_space)),
                   time_shares(sender, sender.user, sender.off_in_user),
                   "dim",
                   "user",
                   30,
                   {{shares(sender.user.values(), 1), "send"},
                    {shares(sender.off_in_user.values(), 1), "dim", Layer::Fill::hatched}}});
  lanes.push_back(activity(std::string(words_of(Text::kernel)), sender, "send", 54));
  const auto calls = seen_.calls.values(), copies = seen_.cpu_copies.values(), references = seen_.references.values();
  lanes.push_back(amounts(Text::system_calls,
                          run.evidence.system_calls == Evidence::none ? std::string(words_of(Text::unknown))
                                                                      : format_count(call_count(ledger.sender)),
                          calls, highest(calls), "ink"));
  // At least a chunk is full height: a copy of a header must not look like a copy of a chunk.
  const auto chunk = static_cast<double>(std::min(run.chunk, run.size));
  lanes.push_back(amounts(Text::sequence_cpu_copies, moved(Side::sender, Mover::cpu), copies,
                          std::max(highest(copies), chunk), "cpu"));
  if (run.evidence.copies != Evidence::exact) lanes.back().layers.front().fill = Layer::Fill::outline;
  lanes.push_back(amounts(Text::sequence_references, moved(Side::sender, Mover::reference), references,
                          std::max(highest(references), chunk), run.evidence.copies_unknown ? "warn" : "ref"));
  if (const auto transforms = seen_.transforms.values(); highest(transforms) > 0)
    lanes.push_back(amounts(Text::transform, moved(Side::sender, Mover::transform), transforms,
                            std::max(highest(transforms), chunk), "transform"));
  lanes.push_back({std::string(words_of(Text::in_softirq)),
                   run.lost.by_kind.contains("softirq") ? std::string(words_of(Text::unknown))
                   : softirq > 0                        ? format_ns(rounded(softirq))
                                                        : std::string(words_of(Text::sequence_none_seen)),
                   "dim",
                   "kernel",
                   30,
                   {{shares(seen_.softirq.values(), 1), "receive"}}});
  if (seen_.more.threads > 0)
    lanes.push_back(
        activity(say(language, Text::sequence_more_tasks, format_count(seen_.more.threads)), seen_.more, "send", 34));
  const std::string_view disk = run.source.dma ? "dma" : "dim", card = run.path.dma ? "dma" : "dim";
  lanes.push_back(
      {std::string(words_of(Text::disk)),
       ledger.dma.disk_requests == 0
           ? std::string(words_of(run.evidence.disk == Evidence::none ? Text::unknown : Text::sequence_none_seen))
           : say(language, Text::title_with,
                 say_count(language, ledger.dma.disk_requests, Text::one_request, Text::many_requests),
                 format_bytes(ledger.dma.disk_bytes)),
       disk,
       "device",
       34,
       {{shares(seen_.disk.values(), 1), disk}}});
  const auto sent = seen_.transmits.values(), received = seen_.receiver_copies.values();
  auto network =
      amounts(run.path.dma ? Text::nic : Text::network,
              ledger.transmit.packets == 0
                  ? std::string(words_of(run.evidence.nic == Evidence::none ? Text::unknown : Text::sequence_none_seen))
                  : say(language, Text::title_with,
                        say_count(language, ledger.transmit.packets, Text::one_packet, Text::many_packets),
                        format_bytes(ledger.transmit.payload_bytes)),
              sent, highest(sent), card);
  network.band = "device";
  network.height = 34;
  if (has_network(run)) lanes.push_back(std::move(network));
  if (seen_.receiver.threads == 0) return lanes;
  lanes.push_back(activity(std::string(words_of(Text::receiver)), seen_.receiver, "receive", 34));
  lanes.push_back(
      amounts(Text::sequence_receiver_copies, moved(Side::receiver, Mover::cpu), received, highest(received), "cpu"));
  if (run.evidence.receiver_copies != Evidence::exact) lanes.back().layers.front().fill = Layer::Fill::outline;
  return lanes;
}

std::string WholePicture::draw() {
  const std::string warning(document_.events.empty() ? words_of(Text::sequence_no_events) : "");
  double y = head(svg_, document_, options_, lesson(), times(), warning);
  y = draw_marks(y + 4);
  const double top = y;
  for (const auto& lane : lanes()) y = draw_lane(lane, y);
  frame_.axis(wide() ? top : y, y + 4, y + 18);
  draw_stretches(y + 24);
  draw_ranges(top, y);
  const auto copied = [&](Mover by) {
    return std::ranges::any_of(document_.ledger.copies, [by](const Copy& copy) { return copy.by == by; });
  };
  std::vector<Sign> signs{Sign::user, Sign::running, Sign::off_cpu, Sign::softirq};
  if (has_receiver(document_.run)) signs.push_back(Sign::others);
  add_moves(signs, document_.run, copied(Mover::cpu), copied(Mover::reference));
  std::vector<std::string> notes{std::string(words_of(Text::sequence_scale))};
  notes.push_back(caution(document_.run, options_.language));
  if (document_.run.evidence.copies == Evidence::inferred) notes.emplace_back(words_of(Text::sequence_inferred));
  return svg_.finish(foot(svg_, document_, options_, y + 46, signs, notes));
}

}  // namespace zctrace::diagram
