#include "userspace/commands/support/option_values.h"

#include <charconv>

#include "base/error.h"

namespace zctrace::commands {

namespace {

using Clock = std::chrono::steady_clock;

template <typename Number>
std::optional<Number> parse_positive(const std::string& text) {
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || !(value > 0)) return {};
  return value;
}

}  // namespace

std::optional<Clock::duration> parse_seconds(const std::string& text, const std::string& option) {
  if (text.empty()) return {};
  constexpr double kMost = 1e9;
  const auto seconds = parse_positive<double>(text.ends_with('s') ? text.substr(0, text.size() - 1) : text);
  if (!seconds || *seconds > kMost)
    throw Error(ExitStatus::usage, option + " takes a number of seconds, such as 10 or 0.5, not '" + text + "'");
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
}

}  // namespace zctrace::commands
