#include "model/claims/judged.h"
#include "model/language/texts.h"

namespace zctrace::claims {

std::string_view text(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::holds_if:
      return "holds_if";
    case Verdict::does_not_hold:
      return "does_not_hold";
    case Verdict::self_contradictory:
      return "self_contradictory";
    case Verdict::not_tested:
      break;
  }
  return "not_tested";
}

std::string_view message(Verdict verdict, Language language) {
  switch (verdict) {
    case Verdict::holds:
      return words(Text::verdict_holds, language);
    case Verdict::holds_if:
      return words(Text::verdict_holds_if, language);
    case Verdict::does_not_hold:
      return words(Text::verdict_does_not_hold, language);
    case Verdict::self_contradictory:
      return words(Text::verdict_self_contradictory, language);
    case Verdict::not_tested:
      break;
  }
  return words(Text::verdict_not_tested, language);
}

}  // namespace zctrace::claims
