#pragma once

#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/model.h"

namespace zctrace::summary {

/// Of a transfer, a sentence each: bytes that were passed on by reference and that the CPU copied after all, with the
/// function; bytes that could not be passed on like their neighbours; and completions that say otherwise than what was
/// measured. All from the ledger, whatever the method. Empty where there is nothing of the kind.
std::vector<std::string> after_all(const timeline::Run& run, const timeline::Ledger& ledger, Language language);

}  // namespace zctrace::summary
