#pragma once

#include <nlohmann/json_fwd.hpp>

#include "userspace/documents/judged.h"
#include "userspace/language/language.h"

namespace zctrace::documents {

/// {"kernel", "where", "claims": [{"id", "document", "claimed", "measured", "verdict", "condition", "evidence", "why",
/// ...}]}: texts in `language`, words such as the verdict as they are; what is not known is null.
nlohmann::ordered_json to_json(const Judgment& judgment, Language language);

}  // namespace zctrace::documents
