#pragma once

#include <nlohmann/json_fwd.hpp>

#include "userspace/documents/tour_values.h"

namespace zctrace::page {

/// The tour as told of `documents`, in each language: page.h's block. `numbers`: of the page's runs, by name.
nlohmann::ordered_json tour(const documents::Tour& tour, const documents::TourDocuments& documents,
                            const std::map<std::string, size_t>& numbers, const documents::Words& recorded);

}  // namespace zctrace::page
