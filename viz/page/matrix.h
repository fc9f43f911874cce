#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/matrix/table.h"

namespace zctrace::page {

/// The block "matrix", as page.h describes it.
nlohmann::ordered_json matrix(const matrix::Table& table);

}  // namespace zctrace::page
