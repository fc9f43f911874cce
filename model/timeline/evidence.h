#pragma once

#include <cstdint>

namespace zctrace::timeline {

/// How well a figure is known, best first. `at_least`: each of these was seen, and there were others that no hook sees.
/// `none`: not known at all, shown as unknown, never as zero.
enum class Evidence : uint8_t { exact, at_least, sampled, inferred, none };

}  // namespace zctrace::timeline
