#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/tour/values.h"

namespace zctrace::page {

/// The tour as rendered from `documents`, in each language: page.h's block. `numbers`: of the page's runs, by name.
nlohmann::ordered_json tour(const tour::Tour& tour, const tour::TourDocuments& documents,
                            const std::map<std::string, size_t>& numbers, const Words& recorded);

}  // namespace zctrace::page
