#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "model/language/message.h"

/// Documents of zctrace.timeline/1, which are read as those of zctrace.timeline/2.
namespace zctrace::timeline {

/// Gives the members of a `run` and of a `ledger` of schema 1 their names of schema 2, and its notes their message.
/// What is missing or of another type stays as it is: the reader of schema 2 names it.
void upgrade_run(nlohmann::json& run);
void upgrade_ledger(nlohmann::json& ledger);

/// The message whose English a note of schema 1 is; any other note is kept verbatim. Costs no more than the note's
/// length, however it is made.
Message message_of_note(std::string_view english);

}  // namespace zctrace::timeline
