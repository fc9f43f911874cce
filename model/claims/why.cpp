#include "model/claims/why.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "model/claims/experiments.h"
#include "model/claims/quantities.h"
#include "model/claims/run_quantities.h"

namespace zctrace::claims {
namespace {

/// Is `quantity` among the judged values, and does each (or, for `any`, one) of them agree as wanted?
bool came_out(const Judged& judged, const Claim& claim, const Sentence& sentence, const std::string& quantity,
              bool wanted) {
  bool there = false, all = true, any = false;
  for (size_t i = 0; i < judged.settings.size(); ++i) {
    if (!sentence.setting.empty() && claim.settings.at(i).name != sentence.setting) continue;
    for (const auto& part : judged.settings[i].parts) {
      if (part.quantity != quantity || !part.agrees) continue;
      there = true;
      all = all && *part.agrees == wanted;
      any = any || *part.agrees == wanted;
    }
  }
  // "It agrees" is said of all settings together, "it differs" of one.
  return there && (wanted ? all : any);
}

bool fits(const Sentence& sentence, const Claim& claim, const Judged& judged) {
  if (!sentence.verdict.empty() && sentence.verdict != text(judged.verdict)) return false;
  if (!sentence.agrees.empty() && !came_out(judged, claim, sentence, sentence.agrees, true)) return false;
  return sentence.differs.empty() || came_out(judged, claim, sentence, sentence.differs, false);
}

std::string fill(const std::string& text, Language language, const Results& results) {
  std::string filled;
  size_t at = 0;
  for (size_t open; (open = text.find('{', at)) != text.npos;) {
    const size_t close = text.find('}', open);
    filled += text.substr(at, open - at);
    const Value value = measured(results, placeholder(text.substr(open + 1, close - open - 1)));
    filled += value.text.empty() ? std::string(words(Text::claims_unknown, language)) : value.text.in(language);
    at = close + 1;
  }
  return filled + text.substr(at);
}

Words differences(const Judged& judged) {
  std::vector<Words> sentences;
  for (const auto& setting : judged.settings)
    for (const auto& part : setting.parts) {
      if (part.agrees.value_or(true)) continue;
      const auto in = [&](Language language) {
        return say(language, Text::claims_differs, part.label.in(language), part.measured.in(language),
                   part.claimed.in(language));
      };
      sentences.push_back({in(Language::english), in(Language::chinese)});
    }
  return sentences.empty() ? both(Text::claims_all_agree) : join(sentences, {" ", ""});
}

}  // namespace

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

std::vector<std::string> placeholders(const std::string& text) {
  std::vector<std::string> found;
  for (size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    const size_t close = text.find('}', open);
    if (close == text.npos) throw Error(ExitStatus::failed, "claims.json: '{' without '}'");
    found.push_back(text.substr(open + 1, close - open - 1));
  }
  return found;
}

Query placeholder(const std::string& text) {
  const size_t at = text.find('@');
  if (at == text.npos) throw Error(ExitStatus::failed, "claims.json: {" + text + "} names no experiment");
  Query query{text.substr(0, at), text.substr(at + 1), {}};
  std::vector<std::string> parameters;
  for (size_t slash; (slash = query.of.rfind('/')) != query.of.npos; query.of.erase(slash))
    parameters.insert(parameters.begin(), query.of.substr(slash + 1));
  std::array<const char*, 3> names{"call", "from", "to"};
  if (query.of == "visible") names = {"method", "", ""};
  if (query.of == "ab_benchmark") names = {"series", "over", ""};
  for (size_t i = 0; i < parameters.size() && i < names.size(); ++i) query.with[names[i]] = parameters[i];
  if (!is_quantity(query.quantity) || !find_experiment(query.of))
    throw Error(ExitStatus::failed, "claims.json: nothing is known by {" + text + "}");
  return query;
}

Words why(const Claim& claim, const Judged& judged, const Results& results) {
  std::vector<Words> sentences;
  for (const auto& sentence : claim.why)
    if (fits(sentence, claim, judged))
      sentences.push_back({fill(sentence.words.english, Language::english, results),
                           fill(sentence.words.chinese, Language::chinese, results)});
  return sentences.empty() ? differences(judged) : join(sentences, {" ", ""});
}

}  // namespace zctrace::claims
