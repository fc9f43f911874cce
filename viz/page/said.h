#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "model/timeline/model.h"

namespace zctrace::page {

/// What is said of a run and its figures, in each language: page.h's Said.
nlohmann::ordered_json said(const timeline::Run& run, const timeline::Ledger& ledger);

/// Which code copied, for a flame graph: page.h's copies-N.
nlohmann::ordered_json flame_of(const timeline::CopyStacks& all, const timeline::Flows& flows);

/// The figures of several runs beside each other, in each language: page.h's Row.
nlohmann::ordered_json figure_rows(std::span<const timeline::Measured> runs);

}  // namespace zctrace::page
