#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zctrace {

/// The word that was probably meant: among those that `word` becomes by the fewest letters changed, added, left out or
/// exchanged with their neighbour, whatever their case, and by no more than a third of its own. Empty: none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "unknown method 'Splice'; did you mean 'splice'?", or the same with `otherwise` behind where none is near.
std::string unknown_text(const std::string& what, const std::string& word, const std::vector<std::string>& known,
                         const std::string& otherwise = {});

}  // namespace zctrace
