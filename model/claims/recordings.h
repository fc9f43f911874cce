#pragma once

#include <string_view>

/// Traces of real programs that travel with zctrace, so that who does not have them, or the time, sees ours:
/// claims/recordings/NAME.json, which tests/programs writes. The documents say of themselves that they were `recorded`.
namespace zctrace::claims {

/// The experiment's document; empty where there is none.
std::string_view recording_of(std::string_view experiment);

}  // namespace zctrace::claims
