#include "model/language/bilingual.h"

#include <algorithm>

namespace zctrace {

Words join(const std::vector<Words>& parts, const Words& separator) {
  Words joined;
  std::vector<std::string> seen;
  for (const auto& part : parts) {
    if (part.empty() || std::ranges::find(seen, part.english) != seen.end()) continue;
    seen.push_back(part.english);
    joined.english += (joined.english.empty() ? "" : separator.english) + part.english;
    joined.chinese += (joined.chinese.empty() ? "" : separator.chinese) + part.chinese;
  }
  return joined;
}

}  // namespace zctrace
