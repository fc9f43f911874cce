#include "base/units.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include <array>
#include <limits>
#include <optional>

#include "base/error.h"

namespace zctrace {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
constexpr std::string_view kPrefixes = "KMGTPE";

[[noreturn]] void fail(std::string_view text, std::string_view why) {
  // Not the whole of it: a mistaken argument may be a file's worth of text.
  auto shown = text.size() > 40 ? std::string(text.substr(0, 40)) + "..." : std::string(text);
  throw Error(ExitStatus::usage, fmt::format("not a size: '{}' ({})", shown, why),
              "use a size such as 4MiB, 64KiB, 4MB or 4096");
}

/// What one unit is worth: "" and "B" 1, "K" and "KiB" 1024, "KB" 1000.
std::optional<uint64_t> unit_bytes(std::string_view unit) {
  if (unit.empty() || unit == "B") return 1;
  const auto power = kPrefixes.find(unit[0] == 'k' ? 'K' : unit[0]);
  if (power == std::string_view::npos) return std::nullopt;
  const auto rest = unit.substr(1);
  if (!rest.empty() && rest != "iB" && rest != "B") return std::nullopt;
  const uint64_t step = rest == "B" ? 1000 : 1024;
  uint64_t bytes = step;
  for (size_t i = 0; i < power; ++i) bytes *= step;
  return bytes;
}

/// Three digits of value, whatever its size.
std::string three_digits(double value) {
  if (value >= 99.95) return format_count(rounded(value));
  return fmt::format("{:.{}f}", value, value >= 9.995 ? 1 : 2);
}

}  // namespace

uint64_t parse_size(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto whole = text.substr(0, digits);
  if (whole.empty()) fail(text, text.empty() ? "it is empty" : "it does not begin with a number");
  auto rest = text.substr(whole.size());

  std::string_view fraction;
  if (rest.starts_with('.')) {
    fraction = rest.substr(1, rest.substr(1).find_first_not_of("0123456789"));
    if (fraction.empty() || fraction.size() > 18) fail(text, "its fraction cannot be read");
    rest.remove_prefix(1 + fraction.size());
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto unit = unit_bytes(rest);
  if (!unit) fail(text, "its unit is unknown");

  Wide bytes = 0;
  for (char digit : whole) {
    bytes = bytes * 10 + static_cast<unsigned>(digit - '0');
    if (bytes > kMost) fail(text, "it is too large");
  }
  bytes *= *unit;
  Wide part = 0, scale = 1;
  for (char digit : fraction) {
    part = part * 10 + static_cast<unsigned>(digit - '0');
    scale *= 10;
  }
  part *= *unit;
  if (part % scale != 0) fail(text, "it is not a whole number of bytes");
  bytes += part / scale;
  if (bytes > kMost) fail(text, "it is too large");
  return static_cast<uint64_t>(bytes);
}

uint64_t parse_size_option(std::string_view text, std::string_view option) {
  try {
    const uint64_t bytes = parse_size(text);
    if (bytes > 0) return bytes;
  } catch (const Error& error) {
    throw Error(error.status, fmt::format("{}: {}", option, error.what()), error.hint);
  }
  throw Error(ExitStatus::usage, fmt::format("{}: must be at least 1 byte", option),
              "use a size such as 4MiB or 64KiB");
}

std::string format_bytes(uint64_t bytes) {
  if (bytes < 1024) return format_exact(bytes);
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  do {
    value /= 1024;
    ++unit;
  } while (value >= 999.5 && unit < kPrefixes.size());
  return fmt::format("{} {}iB", three_digits(value), kPrefixes[unit - 1]);
}

std::string format_size(uint64_t bytes) {
  size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit < kPrefixes.size()) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? format_exact(bytes) : fmt::format("{} {}iB", format_count(bytes), kPrefixes[unit - 1]);
}

std::string format_exact(uint64_t bytes) { return format_count(bytes) + " B"; }

std::string format_count(uint64_t count) {
  const auto digits = std::to_string(count);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string format_ns(uint64_t ns) {
  static constexpr std::array<std::string_view, 3> kUnits{"µs", "ms", "s"};
  if (ns < 1000) return fmt::format("{} ns", ns);
  double value = static_cast<double>(ns);
  size_t unit = 0;
  do {
    value /= 1000;
    ++unit;
  } while (value >= 999.5 && unit < kUnits.size());
  return fmt::format("{} {}", three_digits(value), kUnits[unit - 1]);
}

uint64_t rounded(double amount) {
  if (!(amount > 0)) return 0;
  constexpr double kBeyond = 18446744073709551616.0;  // 2^64
  return amount < kBeyond ? static_cast<uint64_t>(std::min(amount + 0.5, std::nextafter(kBeyond, 0))) : UINT64_MAX;
}

std::string format_ratio(double ratio) {
  if (ratio > 0 && ratio < 0.005) return "<0.01";
  return fmt::format("{:.2f}", ratio);
}

}  // namespace zctrace
