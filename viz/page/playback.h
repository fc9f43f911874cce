#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "model/timeline/recording.h"
#include "viz/diagram/sequence_rounds.h"

namespace zctrace::page {

/// The run as the page plays it: page.h describes it. Nothing where it holds no single events, or is a program's.
std::optional<nlohmann::ordered_json> playback(const timeline::Recording& recording, const diagram::Choice& choice);

}  // namespace zctrace::page
