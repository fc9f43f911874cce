#include "viz/diagram/animate.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/error.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "viz/diagram/flow_layout.h"
#include "viz/diagram/flow_words.h"
#include "viz/diagram/motion.h"
#include "viz/diagram/playback_words.h"
#include "viz/diagram/sequence_rounds.h"

namespace zctrace::diagram {

using namespace flow_parts;
using timeline::Evidence;

namespace {

constexpr double kPause = 5;       // s, of the finished picture
constexpr size_t kMostSteps = 24;  // behind the first round: each is some texts in the file
constexpr double kPacket = 8;      // radius

class Animation {
 public:
  Animation(Svg& svg, const timeline::Run& run, const summary::Picture& picture, const Playback& play,
            const Options& options, Motion motion)
      : svg_(svg),
        run_(run),
        picture_(picture),
        play_(play),
        options_(options),
        wide_(options.form == Form::wide),
        motion_(std::move(motion)) {}

  /// Clock, bar and counters from `top` on; returns their lower edge.
  double strip(double top) {
    const double left = wide_ ? 32 : 14, right = svg_.width() - left, width = right - left;
    double y = top + 24;
    const Font small{12.5}, bold{17, true}, plain{14};
    const double clock = wide_ ? 190 : width;
    changing({left, y}, "ink", bold, Anchor::start, clock,
             at_begin([&](const Step& step) { return this->clock(step.until_ns); }, this->clock(play_.end_ns)));
    if (!wide_) y += 22;
    changing({wide_ ? left + clock + 10 : left, y}, "ink", plain, Anchor::start, wide_ ? width - clock - 210 : width,
             at_begin([&](const Step& step) { return sentence(play_, step, picture_, options_.language); },
                      say(Text::play_end)));
    if (!wide_) y += 20;
    Texts speeds{{0, say(Text::play_slow)}};
    if (play_.slow < play_.steps.size())
      speeds.push_back({play_.steps[play_.slow].begin, speed(play_, options_.language)});
    if (play_.slow == 0) speeds.erase(speeds.begin());
    speeds.push_back({play_.seconds, ""});
    changing({wide_ ? right : left, y}, "dim", small, wide_ ? Anchor::end : Anchor::start, wide_ ? 200 : width, speeds);
    bar({left, y + 14, width, 12});
    y += 46;
    counters(left, right, y);
    if (!wide_) y += 36;
    for (const auto& [text, classes] :
         {std::pair{missing(run_, play_, options_.language), "warn"},
          {received(play_, options_.language), play_.first.known() ? "ink" : "warn"},
          {caution(run_, options_.language), "dim"}})
      if (!text.empty())
        for (const auto& line : wrap(text, width, {12}, 3)) svg_.text(left, y += 18, line, classes, {12});
    return y + 6;
  }

  /// What moves over the figure.
  void over(const Placed& placed) {
    std::map<std::string, Motion::Spans> moving;
    for (const auto& step : play_.steps)
      for (const auto& moved : step.moved)
        if (step.length > 0) moving[play_.ways[moved.way].key].push_back({step.begin, step.begin + step.length});
    for (const auto& [key, spans] : moving)
      motion_.pale_until(fmt::format(".edge[data-edge=\"{}\"]", key), spans.front().first);
    for (const auto& amount : placed.amounts) counter(amount, moving[amount.key]);
    for (const auto& mark : placed.marks) light(mark);
    for (const auto& way : placed.ways)
      if (const auto& spans = moving[way.key]; !spans.empty()) packet(way, spans);
    svg_.style(motion_.css());
  }

 private:
  /// What is said from which second on.
  using Texts = std::vector<std::pair<double, std::string>>;

  std::string say(Text text) const { return std::string(words(text, options_.language)); }
  std::string clock(uint64_t ns) const {
    return zctrace::say(options_.language, Text::play_clock, format_ns(ns), format_ns(play_.end_ns));
  }

  Texts at_begin(const std::function<std::string(const Step&)>& text, std::string last) const {
    Texts texts;
    for (const auto& step : play_.steps) texts.emplace_back(step.begin, text(step));
    texts.emplace_back(play_.seconds, std::move(last));
    return texts;
  }

  /// A count that changes when a step is over.
  Texts at_end(std::string first, const std::function<std::string(const Step&)>& text) const {
    Texts texts{{0, std::move(first)}};
    for (const auto& step : play_.steps) texts.emplace_back(step.begin + step.length, text(step));
    return texts;
  }

  /// One text after the other in the same place.
  void changing(Point at, std::string_view classes, Font font, Anchor anchor, double most, const Texts& texts) {
    const double all = play_.seconds + kPause;
    std::vector<std::pair<std::string, Motion::Spans>> each;
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto& [from, text] = texts[i];
      const double until = i + 1 < texts.size() ? texts[i + 1].first : all;
      if (text.empty() || until - from < 1e-6) continue;
      auto same = std::ranges::find(each, text, [](const auto& entry) { return entry.first; });
      if (same == each.end()) same = each.insert(each.end(), {text, {}});
      same->second.push_back({from, until});
    }
    for (const auto& [text, spans] : each)
      if (const auto seen = motion_.seen(spans))
        svg_.text(at.x, at.y, fit(text, most, font), fmt::format("{} {}", classes, *seen), font, anchor);
  }

  /// As long as the run, filled as far as the sender was on a CPU; a line is at the time of now.
  void bar(const Rect& box) {
    svg_.rect(box.x, box.y, box.width, box.height, "device", 3);
    const auto part = [&](uint64_t ns) {
      return play_.end_ns == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(play_.end_ns);
    };
    std::vector<std::pair<double, double>> busy, now;
    for (const auto& step : play_.steps) {
      if (step.busy_ns) busy.emplace_back(step.begin + step.length, part(*step.busy_ns));
      now.emplace_back(step.begin + step.length, part(step.until_ns));
    }
    now.emplace_back(play_.seconds, 1);
    const auto shape = [&](double width) {
      return fmt::format("M0 0h{:.1f}v{:.1f}h-{:.1f}z", width, box.height, width);
    };
    svg_.open(fmt::format("transform=\"translate({:.1f} {:.1f})\"", box.x, box.y));
    if (!busy.empty()) {
      svg_.open(motion_.grows(busy));
      svg_.shape(shape(box.width), "send");
      svg_.close();
    }
    svg_.open(motion_.shifts(now, box.width));
    svg_.shape(fmt::format("M-1 -3h2v{:.1f}h-2z", box.height + 6), "ink");
    svg_.close();
    svg_.close();
  }

  void counters(double left, double right, double y) {
    const Font font{13, true};
    const auto language = options_.language;
    const auto& evidence = run_.evidence;
    const auto busy = [&](uint64_t ns) { return zctrace::say(language, Text::play_busy, format_ns(ns)); };
    const bool known = evidence.context_switches != Evidence::none;
    const double most = wide_ ? (right - left) / 3 - 10 : right - left;
    changing({left, y}, "send", font, Anchor::start, most,
             known ? at_end(busy(0), [&](const Step& step) { return busy(step.busy_ns.value_or(0)); })
                   : Texts{{0, say(Text::play_busy_unknown)}});
    const auto switches = [&](uint64_t count) {
      return summary::mark(timeline::mode_switches_evidence(run_)) +
             say_count(language, count, Text::play_one_switch, Text::play_switches);
    };
    Point at = wide_ ? Point{(left + right) / 2, y} : Point{left, y + 18};
    if (timeline::mode_switches_evidence(run_) != Evidence::none)
      changing(at, "ink", font, wide_ ? Anchor::middle : Anchor::start, most,
               at_end(switches(0), [&](const Step& step) { return switches(step.mode_switches); }));
    const auto copied = [&](const std::string& bytes) { return zctrace::say(language, Text::play_copied, bytes); };
    at = wide_ ? Point{right, y} : Point{left, y + 36};
    const auto mark = summary::mark(evidence.copies);
    const bool seen = play_.copies_known;
    changing(at, seen ? "cpu" : "warn", font, wide_ ? Anchor::end : Anchor::start, most,
             seen ? at_end(copied(mark + format_bytes(0)),
                           [&](const Step& step) { return copied(mark + format_bytes(play_.cpu_bytes(step))); })
                  : Texts{{0, copied(say(Text::unknown))}});
  }

  /// An arrow's amount: from when its first bytes have arrived.
  void counter(const Placed::Amount& amount, const Motion::Spans& spans) {
    const auto* arrow = arrow_of(picture_, amount.key);
    const auto way = std::ranges::find(play_.ways, amount.key, &PlayedWay::key);
    if (!arrow || way == play_.ways.end()) return;
    const auto index = static_cast<size_t>(way - play_.ways.begin());
    auto texts = at_end("", [&](const Step& step) {
      return step.bytes[index] == 0 ? "" : amount_of(arrow, step.bytes[index]);
    });
    if (spans.empty()) texts = {{0, arrow->amount}};  // nobody saw when
    changing(amount.at, amount.classes, kAmountFont, amount.anchor, 260, texts);
  }

  void light(const Placed::Mark& mark) {
    Motion::Spans spans;
    for (const auto& step : play_.steps)
      if (step.kind != Step::Kind::rest && step.mark >= mark.first && step.mark <= mark.last && step.mark != 0)
        spans.push_back({step.begin, step.begin + step.length});
    const auto seen = spans.empty() ? std::nullopt : motion_.seen(spans);
    if (!seen) return;
    const auto& box = mark.box;
    svg_.open(fmt::format("class=\"{}\"", *seen));
    svg_.rect(box.x - 4, box.y - 4, box.width + 8, box.height + 8, "warn", box.height / 2 + 4);
    svg_.text(box.middle(), box.centre() + 4.5, mark.text, "paper", {12.5, true}, Anchor::middle);
    svg_.close();
  }

  void packet(const Placed::Way& way, const Motion::Spans& spans) {
    const auto seen = motion_.seen(spans);
    if (!seen) return;
    svg_.open(fmt::format("class=\"{}\"", *seen));
    svg_.open(motion_.along(way.points, spans));
    const auto classes = std::string(class_of(way.style));
    const bool reference = way.style == summary::ArrowStyle::reference || way.style == summary::ArrowStyle::handed_over;
    svg_.circle(0, 0, kPacket, reference ? "box " + classes + "-line" : classes + " box-line", reference ? 3.5 : 2);
    svg_.close();
    svg_.close();
  }

  Svg& svg_;
  const timeline::Run& run_;
  const summary::Picture& picture_;
  const Playback& play_;
  const Options& options_;
  const bool wide_;
  Motion motion_;
};

}  // namespace

AnimatedFlow::AnimatedFlow(const timeline::Recording& recording, const Options& options)
    : recording_(recording), options_(options) {
  if (recording.ledger.flows)
    throw Error(ExitStatus::failed, "a traced program is not played: its flows run side by side",
                "play a built-in method: zctrace run sendfile -o a.json");
  const auto choice = choose(recording);
  picture_ = summary::picture(recording.run, recording.ledger, options.language, first_round(recording, choice));
  play_ = playback(recording, choice, picture_.round, kMostSteps);
  if (play_.steps.empty())
    throw Error(ExitStatus::failed, "the recording holds sums only: there are no single events to play",
                "record it again: zctrace run keeps all events, zctrace exec those of its --detail");
}

double AnimatedFlow::length() const { return play_.seconds + kPause; }

std::string AnimatedFlow::moving() const { return draw(Motion(length())); }

std::string AnimatedFlow::still(double second) const {
  return draw(Motion(length(), std::clamp(second, 0.0, play_.seconds)));
}

std::string AnimatedFlow::draw(Motion motion) const {
  const auto& [run, ledger] = std::tie(recording_.run, recording_.ledger);
  const auto verdict = summary::verdict_of(run, ledger, options_.language);
  const auto title = fit(summary::full_title(run, options_.language), 1200, {});
  Svg svg(options_, title + ": " + verdict.figure + " " + verdict.what, verdict.judgment);
  Placed placed;
  Brush brush(svg, options_, &placed);
  Animation animation(svg, run, picture_, play_, options_, std::move(motion));
  double y = draw_head(brush, run, ledger, options_, 0);
  y = (options_.form == Form::wide ? draw_wide : draw_narrow)(brush, picture_, options_.language, y);
  y = animation.strip(y + 8);
  y = draw_claimed(brush, picture_, options_, y);
  y = draw_legend(brush, picture_, options_, y + 2);
  y = draw_foot(brush, run, ledger, picture_, options_, y + 10);
  animation.over(placed);
  return svg.finish(y + 18);
}

}  // namespace zctrace::diagram
