#pragma once

#include <string>

#include "model/timeline/flow.h"

namespace zctrace::timeline {

/// Is it one that is wanted?
bool passes(const FlowFilter& filter, const Flow& flow);

/// "--min-bytes 1048576 --process nginx"; empty for a filter that lets everything pass.
std::string text_of(const FlowFilter& filter);

/// Is this a file that a program reads because it is loaded or interpreted, or looks at the system by: shared
/// libraries, locales, time zones, byte code, /proc and /sys, ...?
bool is_library_or_setting(const std::string& path);

}  // namespace zctrace::timeline
