#pragma once

namespace zctrace {

/// Of what this program was built: "ea00533a12", "ea00533a12-dirty" with changes that are not committed, or "commit
/// unknown".
extern const char* const kCommit;

}  // namespace zctrace
