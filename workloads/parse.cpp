#include "workloads/parse.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

#include "userspace/error.h"

namespace zctrace::workloads {
namespace {

/// 0 for an unknown unit.
uint64_t unit_bytes(std::string_view unit) {
  static constexpr std::pair<std::string_view, uint64_t> units[] = {
      {"", 1},           {"B", 1},          {"K", 1U << 10},   {"M", 1U << 20}, {"G", 1U << 30},
      {"KiB", 1U << 10}, {"MiB", 1U << 20}, {"GiB", 1U << 30}, {"k", 1U << 10}, {"m", 1U << 20},
      {"g", 1U << 30},   {"kB", 1000},      {"KB", 1000},      {"MB", 1000000}, {"GB", 1000000000},
  };
  for (const auto& [name, bytes] : units) {
    if (name == unit) return bytes;
  }
  return 0;
}

std::optional<bool>* wish_named(OffloadWish& wish, std::string_view name) {
  if (name == "sg") return &wish.sg;
  if (name == "tx") return &wish.tx;
  if (name == "tso") return &wish.tso;
  if (name == "gso") return &wish.gso;
  return nullptr;
}

}  // namespace

uint64_t parse_size(std::string_view text, std::string_view what) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  const uint64_t factor = unit_bytes(unit);
  if (error != std::errc() || factor == 0) {
    throw Error(ExitStatus::usage, fmt::format("{}: '{}' is not a size", what, text),
                fmt::format("{} 4096, {} 64KiB, {} 1GiB", what, what, what));
  }
  if (number == 0) throw Error(ExitStatus::usage, fmt::format("{}: 0 bytes are too few", what), "at least 1");
  constexpr uint64_t largest = uint64_t{1} << 62;
  if (number > largest / factor) throw Error(ExitStatus::usage, fmt::format("{}: '{}' is too large", what, text));
  return number * factor;
}

OffloadWish parse_offload(std::string_view text) {
  OffloadWish wish;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const size_t equals = item.find('=');
    std::optional<bool>* wished = wish_named(wish, item.substr(0, equals));
    const std::string_view value = equals == item.npos ? std::string_view() : item.substr(equals + 1);
    if (wished == nullptr || (value != "on" && value != "off")) {
      throw Error(ExitStatus::usage, fmt::format("--offload: '{}' is not understood", item),
                  "sg, tx, tso or gso, each =on or =off: --offload sg=off,tso=off");
    }
    *wished = value == "on";
  }
  return wish;
}

std::string size_text(uint64_t bytes) {
  if (bytes == 1) return "1 byte";
  if (bytes != 0 && bytes % (1U << 30) == 0) return fmt::format("{} GiB", bytes >> 30);
  if (bytes != 0 && bytes % (1U << 20) == 0) return fmt::format("{} MiB", bytes >> 20);
  if (bytes != 0 && bytes % (1U << 10) == 0) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} bytes", bytes);
}

}  // namespace zctrace::workloads
