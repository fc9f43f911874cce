#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/timeline/model.h"

namespace zctrace::page {

/// What is said of a run and its figures, in each language: page.h's Said.
nlohmann::ordered_json said(const timeline::Run& run, const timeline::Ledger& ledger);

}  // namespace zctrace::page
