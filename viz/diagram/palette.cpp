#include "viz/diagram/palette.h"

#include <fmt/format.h>

#include <string_view>

namespace zctrace::diagram {
namespace {

struct Colour {
  std::string_view meaning, light, dark;
};

constexpr Colour kColours[] = {
    {"paper", "#ffffff", "#1c1917"},     {"ink", "#1c1917", "#f5f5f4"},    {"dim", "#57534e", "#bdb8b3"},
    {"faint", "#d6d3d1", "#57534e"},     {"user", "#fafaf9", "#24201e"},   {"kernel", "#f1f0ee", "#2e2a27"},
    {"device", "#e7e5e4", "#3a3531"},    {"box", "#ffffff", "#1c1917"},    {"idle", "#fafaf9", "#24201e"},
    {"cpu", "#c2410c", "#fb923c"},       {"dma", "#1d4ed8", "#7aa7ff"},    {"ref", "#15803d", "#4ade80"},
    {"transform", "#7e22ce", "#c084fc"}, {"good", "#15803d", "#4ade80"},   {"warn", "#92610a", "#facc15"},
    {"send", "#334155", "#cbd5e1"},      {"receive", "#94a3b8", "#64748b"}};

/// `scope` goes before every selector.
std::string rules(std::string_view scope, bool dark) {
  std::string css;
  for (const auto& colour : kColours) {
    const auto value = dark ? colour.dark : colour.light;
    css += fmt::format("{0}.zc .{1}{{fill:{2}}}{0}.zc .{1}-line{{stroke:{2}}}", scope, colour.meaning, value);
  }
  return css;
}

}  // namespace

std::string style_sheet(Theme theme) {
  switch (theme) {
    case Theme::light:
      return rules("", false);
    case Theme::dark:
      return rules("", true);
    case Theme::automatic:
      return rules("", false) + "@media (prefers-color-scheme:dark){" + rules("", true) + "}";
    case Theme::page:
      break;
  }
  return rules("", false) + rules("[data-theme=dark] ", true);
}

std::string_view class_of(summary::Tone tone) {
  switch (tone) {
    case summary::Tone::good:
      return "good";
    case summary::Tone::transformed:
      return "transform";
    case summary::Tone::bad:
      return "cpu";
    default:
      return "warn";
  }
}

}  // namespace zctrace::diagram
