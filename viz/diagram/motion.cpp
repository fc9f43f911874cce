#include "viz/diagram/motion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace zctrace::diagram {

using flow_parts::Point;

std::string Motion::percent(double second) const {
  return fmt::format("{:.3f}%", std::clamp(100 * second / seconds_, 0.0, 100.0));
}

std::string Motion::frames(const std::string& keyframes, bool in_steps) {
  const auto [entry, added] = classes_.try_emplace((in_steps ? "s" : "l") + keyframes);
  if (added) {
    entry->second = fmt::format("a{}", classes_.size());
    css_ += fmt::format("@keyframes {0}{{{1}}}.{0}{{animation:{0} {2:.2f}s {3} infinite}}", entry->second, keyframes,
                        seconds_, in_steps ? "step-end" : "linear");
  }
  return entry->second;
}

std::optional<std::string> Motion::seen(const Spans& spans) {
  if (still_) {
    const bool now =
        std::ranges::any_of(spans, [&](const auto& span) { return span.first <= *still_ && *still_ < span.second; });
    return now ? std::optional<std::string>("") : std::nullopt;
  }
  std::string keyframes;
  double before = 0;
  bool last = false;
  for (const auto& [from, until] : spans) {
    if (keyframes.empty() && from > 0) keyframes = "0%{opacity:0}";
    // What ends where the next begins is one.
    if (before > 0 && std::abs(from - before) < 1e-6)
      keyframes.erase(keyframes.rfind('}', keyframes.size() - 2) + 1);
    else
      keyframes += percent(from) + "{opacity:1}";
    last = until >= seconds_ - 1e-6;
    if (!last) keyframes += percent(until) + "{opacity:0}";
    before = until;
  }
  if (keyframes.empty()) return "gone";
  return frames(keyframes, true) + (last ? "" : " gone");
}

void Motion::pale_until(const std::string& selector, double second) {
  constexpr double kPale = 0.22;
  if (second <= 0) return;
  if (still_) {
    if (*still_ < second) css_ += fmt::format("{}{{opacity:{}}}", selector, kPale);
    return;
  }
  const auto name = frames(fmt::format("0%{{opacity:{}}}{}{{opacity:1}}", kPale, percent(second)), true);
  css_ += fmt::format("{}{{animation:{} {:.2f}s step-end infinite}}", selector, name, seconds_);
}

std::string Motion::along(const std::vector<Point>& points, const Spans& spans) {
  std::vector<double> lengths{0};
  for (size_t i = 1; i < points.size(); ++i)
    lengths.push_back(lengths.back() + std::hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y));
  const auto all = std::max(1.0, lengths.back());
  std::string keyframes;
  for (const auto& [from, until] : spans)
    for (size_t i = 0; i < points.size(); ++i) {
      const auto second = [&](size_t point, double begin) { return begin + (until - begin) * lengths[point] / all; };
      if (still_) {
        if (i == 0 || *still_ < second(i - 1, from) || *still_ > second(i, from)) continue;
        const auto part = [&](double a, double b) {
          const double begin = second(i - 1, from), end = second(i, from);
          return end > begin ? a + (b - a) * (*still_ - begin) / (end - begin) : b;
        };
        return fmt::format("transform=\"translate({:.1f} {:.1f})\"", part(points[i - 1].x, points[i].x),
                           part(points[i - 1].y, points[i].y));
      }
      // Back at the begin without being seen: just behind where the way before it ended.
      const double hair = i == 0 && from > 0 ? seconds_ * 2e-5 : 0;
      keyframes += fmt::format("{}{{transform:translate({:.1f}px,{:.1f}px)}}", percent(second(i, from + hair)),
                               points[i].x, points[i].y);
    }
  return fmt::format("class=\"{}\"", frames(keyframes, false));
}

std::string Motion::follows(const Parts& parts,
                            const std::function<std::string(double, std::string_view)>& transform) {
  if (still_) {
    double before = 0, part = 0;
    for (const auto& [second, reached] : parts) {
      const bool within = *still_ < second;
      part = within ? part + (reached - part) * (*still_ - before) / (second - before) : reached;
      before = second;
      if (within) break;
    }
    return fmt::format("transform=\"{}\"", transform(part, ""));
  }
  auto keyframes = fmt::format("0%{{transform:{}}}", transform(0, "px"));
  const auto add = [&](const std::string& when, double part) {
    keyframes += fmt::format("{}{{transform:{}}}", when, transform(part, "px"));
  };
  for (const auto& [second, part] : parts) add(percent(second), part);
  if (!parts.empty()) add("100%", parts.back().second);
  const auto name = frames(keyframes, false);
  if (!parts.empty()) css_ += fmt::format(".{}{{transform:{}}}", name, transform(parts.back().second, "px"));
  return fmt::format("class=\"{}\"", name);
}

std::string Motion::grows(const Parts& parts) {
  return follows(parts, [](double part, std::string_view) { return fmt::format("scale({:.4f},1)", part); });
}

std::string Motion::shifts(const Parts& parts, double width) {
  return follows(parts, [&](double part, std::string_view unit) {
    return fmt::format("translate({:.1f}{},0)", part * width, unit);
  });
}

std::string Motion::css() const {
  if (still_) return css_;
  return ".gone{opacity:0}" + css_ + "@media (prefers-reduced-motion:reduce){*{animation:none!important}}";
}

}  // namespace zctrace::diagram
