#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "model/timeline/recording.h"
#include "viz/diagram/comparison.h"
#include "viz/diagram/sequence_rounds.h"

namespace zctrace::page {

/// A run's diagrams in each language and width, as page.h has them. `asked`: with the tour's, before its answer.
nlohmann::ordered_json pictures(const timeline::Recording& document, const diagram::Choice& choice, bool asked);

/// The comparison of several runs in each language and width, likewise.
nlohmann::ordered_json comparison_pictures(std::span<const timeline::Measured> runs);

}  // namespace zctrace::page
