#include "userspace/timeline/names.h"

#include <algorithm>
#include <array>

namespace zctrace::timeline {
namespace {

// In the order of the enums in model.h: the value is the index.
template <class Enum>
constexpr auto kWords = std::array<std::string_view, 0>{};
template <>
constexpr auto kWords<End> =
    std::array<std::string_view, 7>{"disk", "page cache", "user buffer", "pipe", "socket buffer", "nic", "file"};
template <>
constexpr auto kWords<Mover> = std::array<std::string_view, 3>{"cpu", "dma", "reference"};
template <>
constexpr auto kWords<Side> = std::array<std::string_view, 2>{"sender", "receiver"};
template <>
constexpr auto kWords<Context> = std::array<std::string_view, 3>{"syscall", "softirq", "worker"};
template <>
constexpr auto kWords<Evidence> = std::array<std::string_view, 4>{"exact", "sampled", "inferred", "none"};
template <>
constexpr auto kWords<EventKind> =
    std::array<std::string_view, 8>{"syscall", "copy", "fault", "off_cpu", "softirq", "disk", "transmit", "mark"};

}  // namespace

std::string_view text(End end) { return kWords<End>.at(static_cast<size_t>(end)); }
std::string_view text(Mover mover) { return kWords<Mover>.at(static_cast<size_t>(mover)); }
std::string_view text(Side side) { return kWords<Side>.at(static_cast<size_t>(side)); }
std::string_view text(Context context) { return kWords<Context>.at(static_cast<size_t>(context)); }
std::string_view text(Evidence evidence) { return kWords<Evidence>.at(static_cast<size_t>(evidence)); }
std::string_view text(EventKind kind) { return kWords<EventKind>.at(static_cast<size_t>(kind)); }

template <class Enum>
std::optional<Enum> value_of(std::string_view word) {
  const auto& all = kWords<Enum>;
  const auto found = std::find(all.begin(), all.end(), word);
  if (found == all.end()) return std::nullopt;
  return static_cast<Enum>(found - all.begin());
}

template <class Enum>
std::string words() {
  std::string joined;
  for (auto word : kWords<Enum>) (joined += joined.empty() ? "" : ", ") += word;
  return joined;
}

template std::optional<End> value_of(std::string_view);
template std::optional<Mover> value_of(std::string_view);
template std::optional<Side> value_of(std::string_view);
template std::optional<Context> value_of(std::string_view);
template std::optional<Evidence> value_of(std::string_view);
template std::optional<EventKind> value_of(std::string_view);
template std::string words<End>();
template std::string words<Mover>();
template std::string words<Side>();
template std::string words<Context>();
template std::string words<Evidence>();
template std::string words<EventKind>();

}  // namespace zctrace::timeline
