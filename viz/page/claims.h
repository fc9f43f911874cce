#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "model/claims/judged.h"

namespace zctrace::page {

/// The block "claims", as page.h describes it, of at least one judgment: the first one's details, the verdicts of all.
/// `runs`: an experiment's name and the number of its run on the page; a proof of another one gets no link.
nlohmann::ordered_json claims(std::span<const claims::Judgment> judgments, const std::map<std::string, size_t>& runs);

}  // namespace zctrace::page
