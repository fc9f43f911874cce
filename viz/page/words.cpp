#include "viz/page/words.h"

#include <nlohmann/json.hpp>

namespace zctrace::page {

nlohmann::ordered_json both(const Words& words) { return {{"en", words.english}, {"zh", words.chinese}}; }

std::string_view word(summary::Tone tone) {
  switch (tone) {
    case summary::Tone::good:
      return "good";
    case summary::Tone::mixed:
      return "mixed";
    case summary::Tone::transformed:
      return "transformed";
    case summary::Tone::bad:
      return "bad";
    case summary::Tone::unknown:
      break;
  }
  return "unknown";
}

}  // namespace zctrace::page
