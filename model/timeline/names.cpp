#include "model/timeline/names.h"

#include <algorithm>
#include <array>

namespace zctrace::timeline {
namespace {

// In the order of the enums in model.h and flow.h: the value is the index.
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
template <>
constexpr auto kWords<FlowEndKind> =
    std::array<std::string_view, 6>{"file", "socket", "pipe", "device", "memory", "other"};
template <>
constexpr auto kWords<FlowMethod> =
    std::array<std::string_view, 12>{"read_write",      "mmap_write",   "sendfile", "splice",   "tee",  "direct_io",
                                     "copy_file_range", "msg_zerocopy", "io_uring", "vmsplice", "read", "write"};
template <>
constexpr auto kWords<FlowLink> = std::array<std::string_view, 5>{"call", "pipe", "mapping", "buffer", "none"};
template <>
constexpr auto kWords<Unexplained> = std::array<std::string_view, 3>{"unseen", "fuse", "kernel_tls"};

}  // namespace

std::string_view text(End end) { return kWords<End>.at(static_cast<size_t>(end)); }
std::string_view text(Mover mover) { return kWords<Mover>.at(static_cast<size_t>(mover)); }
std::string_view text(Side side) { return kWords<Side>.at(static_cast<size_t>(side)); }
std::string_view text(Context context) { return kWords<Context>.at(static_cast<size_t>(context)); }
std::string_view text(Evidence evidence) { return kWords<Evidence>.at(static_cast<size_t>(evidence)); }
std::string_view text(EventKind kind) { return kWords<EventKind>.at(static_cast<size_t>(kind)); }
std::string_view text(FlowEndKind kind) { return kWords<FlowEndKind>.at(static_cast<size_t>(kind)); }
std::string_view text(FlowMethod method) { return kWords<FlowMethod>.at(static_cast<size_t>(method)); }
std::string_view text(Unexplained why) { return kWords<Unexplained>.at(static_cast<size_t>(why)); }
std::string_view text(FlowLink link) { return kWords<FlowLink>.at(static_cast<size_t>(link)); }

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
template std::optional<FlowEndKind> value_of(std::string_view);
template std::optional<FlowMethod> value_of(std::string_view);
template std::optional<FlowLink> value_of(std::string_view);
template std::optional<Unexplained> value_of(std::string_view);
template std::string words<End>();
template std::string words<Mover>();
template std::string words<Side>();
template std::string words<Context>();
template std::string words<Evidence>();
template std::string words<EventKind>();
template std::string words<FlowEndKind>();
template std::string words<FlowMethod>();
template std::string words<FlowLink>();
template std::string words<Unexplained>();

}  // namespace zctrace::timeline
