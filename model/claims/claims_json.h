#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/claims/judged.h"
#include "model/language/language.h"

namespace zctrace::claims {

/// {"kernel", "where", "claims": [{"id", "textbook", "claimed", "measured", "verdict", "condition", "evidence", "why",
/// ...}]}: texts in `language`, words such as the verdict as they are; what is not known is null.
nlohmann::ordered_json to_json(const Judgment& judgment, Language language);

}  // namespace zctrace::claims
