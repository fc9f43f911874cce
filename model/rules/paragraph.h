#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/rules/condition.h"

namespace zctrace::rules {

/// A text for where all of its conditions hold; without conditions, for anywhere.
struct Variant {
  std::vector<Condition> when;
  Words text;  ///< {name}: a value
};

/// The first variant that fits is the one that stands.
using Paragraph = std::vector<Variant>;

/// The first variant whose conditions hold and whose values can all be spoken of, filled in; nothing where none is.
std::optional<Words> rendered(const Paragraph& paragraph, const LookUp& look_up);

/// The values that a text speaks of. Throws std::invalid_argument for a brace that is not closed.
std::vector<Reference> references(std::string_view text);

/// All values that the paragraph names, in conditions and in texts.
std::set<std::string> names(const Paragraph& paragraph);
std::set<std::string> names(const Condition& condition);

}  // namespace zctrace::rules
