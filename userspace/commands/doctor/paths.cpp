#include "userspace/commands/doctor/paths.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "model/language/texts.h"
#include "userspace/capture/paths.h"

namespace zctrace::commands {

namespace {

using capture::Known;
using terminal::Ink;

constexpr int kName = 24, kDoes = 12, kKnown = 9;

const char* mark_of(Known known) {
  switch (known) {
    case Known::exact:
      return "+";
    case Known::at_least:
    case Known::transform:
    case Known::inferred:
      return "~";
    case Known::unknown:
      return "-";
    case Known::absent:
      return " ";
  }
  return "";
}

Ink ink_of(Known known) { return known == Known::exact ? Ink::good : known == Known::unknown ? Ink::warn : Ink::dim; }

/// The functions that count it, and what is wanting.
std::string detail(const capture::Finding& finding, Language language) {
  std::vector<std::string> parts;
  if (finding.why != Text::path_counted) parts.emplace_back(words(finding.why, language));
  for (const capture::Probe* hook : finding.hooks)
    if (std::ranges::find(parts, hook->target) == parts.end()) parts.push_back(hook->target);
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

void print_paths(const terminal::Style& style) {
  const capture::RunningKernel& kernel = capture::running_kernel();
  const auto in_words = [&](Text text) { return std::string(words(text, style.language)); };
  utsname name;
  uname(&name);
  fmt::print("{}\n\n", say(style.language, Text::paths_title, name.release));
  for (const capture::Path& path : capture::paths()) {
    const capture::Finding finding = find(path, kernel.features, kernel.capabilities);
    const std::string first =
        fmt::format("{} {} {} {} ", mark_of(finding.known), pad(in_words(path.title), kName),
                    pad(in_words(text_of(path.does)), kDoes),
                    paint(pad(in_words(text_of(finding.known)), kKnown), ink_of(finding.known), style));
    constexpr int kBefore = 2 + kName + 1 + kDoes + 1 + kKnown + 1;
    const auto lines = wrap(detail(finding, style.language), style.width - kBefore);
    for (size_t i = 0; i < std::max<size_t>(lines.size(), 1); ++i)
      fmt::print("{}{}\n", i == 0 ? first : std::string(kBefore, ' '), lines.empty() ? "" : lines[i]);
  }
  fmt::print("\n{}\n", in_words(Text::paths_rest));
}

}  // namespace zctrace::commands
