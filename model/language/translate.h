#pragma once

#include <string>
#include <string_view>

#include "model/language/language.h"

namespace zctrace {

/// An English sentence that came from elsewhere (a document's note, a guest's progress), in `language`: the row of
/// messages.def whose English it is, with what it holds at the row's {} filled in. Any other text comes back as it is.
std::string translate(std::string_view english, Language language);

}  // namespace zctrace
