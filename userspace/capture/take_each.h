#pragma once

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>

namespace zctrace::capture {

/// Takes the entries that are `wanted` out of a map, each as it is then: the kernel may have changed it since it was
/// looked at with others. Returns how many entries there were. Those that come meanwhile may be missed.
template <class Key, class Value>
size_t take_each(int map, const std::function<bool(const Key&, const Value&)>& wanted,
                 const std::function<void(const Key&, const Value&)>& visit) {
  constexpr uint32_t kBatch = 1024;  // one call each; no bucket holds more
  // Not cleared: of values of some hundred bytes pages are touched only where there are entries.
  const auto keys = std::make_unique_for_overwrite<Key[]>(kBatch);
  const auto values = std::make_unique_for_overwrite<Value[]>(kBatch);
  Value now{};
  size_t seen = 0;
  uint32_t place = 0;
  for (bool first = true, more = true; more; first = false) {
    uint32_t count = kBatch;
    more =
        bpf_map_lookup_batch(map, first ? nullptr : &place, &place, keys.get(), values.get(), &count, nullptr) == 0;
    if (!more && errno != ENOENT) break;  // which says that these are the last
    seen += count;
    for (uint32_t i = 0; i < count; i++) {
      if (!wanted(keys[i], values[i])) continue;
      if (bpf_map_lookup_elem(map, &keys[i], &now) != 0 || !wanted(keys[i], now)) continue;
      visit(keys[i], now);
      bpf_map_delete_elem(map, &keys[i]);
    }
  }
  return seen;
}

}  // namespace zctrace::capture
