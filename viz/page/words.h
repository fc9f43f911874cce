#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "model/language/bilingual.h"
#include "model/summary/sentences.h"

namespace zctrace::page {

/// page.h's Words.
nlohmann::ordered_json both(const Words& words);

/// "good", as the page's style sheets name it.
std::string_view word(summary::Tone tone);

}  // namespace zctrace::page
