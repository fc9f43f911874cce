#include "base/nearest.h"

#include <algorithm>
#include <cctype>

namespace zctrace {

namespace {

std::string small(std::string_view word) {
  std::string letters(word);
  std::ranges::transform(letters, letters.begin(), [](unsigned char c) { return std::tolower(c); });
  return letters;
}

/// The optimal string alignment distance.
size_t distance(const std::string& one, const std::string& other) {
  std::vector<std::vector<size_t>> to(one.size() + 1, std::vector<size_t>(other.size() + 1));
  for (size_t i = 0; i <= one.size(); ++i) {
    for (size_t j = 0; j <= other.size(); ++j) {
      if (i == 0 || j == 0) {
        to[i][j] = i + j;
        continue;
      }
      const size_t changed = to[i - 1][j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      to[i][j] = std::min({changed, to[i - 1][j] + 1, to[i][j - 1] + 1});
      const bool exchanged = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (exchanged) to[i][j] = std::min(to[i][j], to[i - 2][j - 2] + 1);
    }
  }
  return to[one.size()][other.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr size_t kLongest = 64;  // no word of ours is as long
  if (word.size() > kLongest) return {};
  std::string found;
  size_t least = word.size() / 3 + 1;
  for (const std::string& each : known) {
    const size_t far = distance(small(word), small(each));
    if (far >= least) continue;
    least = far;
    found = each;
  }
  return found;
}

std::string unknown_text(const std::string& what, const std::string& word, const std::vector<std::string>& known,
                         const std::string& otherwise) {
  const std::string meant = nearest(word, known);
  return "unknown " + what + " '" + word + "'" + (meant.empty() ? otherwise : "; did you mean '" + meant + "'?");
}

}  // namespace zctrace
