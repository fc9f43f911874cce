#include "model/claims/claims_json.h"

#include <nlohmann/json.hpp>

#include "model/claims/judge.h"
#include "model/timeline/names.h"

namespace zctrace::claims {
namespace {

using Json = nlohmann::ordered_json;

class Writer {
 public:
  explicit Writer(Language language) : language_(language) {}

  Json judged(const Judged& judged) const {
    std::string textbooks;
    for (const auto& id : judged.textbooks) textbooks += (textbooks.empty() ? "" : " ") + id;
    Json json{{"id", judged.id},
              {"textbook", textbooks},
              {"statement", rendered(judged.statement)},
              {"claimed", rendered(judged.claimed)},
              {"measured", rendered(judged.measured)},
              {"verdict", text(judged.verdict)},
              {"condition", rendered(judged.condition)},
              {"evidence", timeline::text(judged.evidence)},
              {"why", rendered(judged.why)},
              {"sources", Json::array()},
              {"quantities", Json::array()},
              {"settings", Json::array()}};
    for (const auto& source : judged.sources)
      json["sources"].push_back({{"name", source.name}, {"year", source.year}, {"link", source.link}});
    for (const auto& each : by_quantity(judged))
      json["quantities"].push_back({{"quantity", each.quantity},
                                    {"label", rendered(each.label)},
                                    {"claimed", rendered(each.claimed)},
                                    {"measured", rendered(each.measured)},
                                    {"verdict", text(each.verdict)},
                                    {"condition", rendered(each.condition)}});
    for (const auto& setting : judged.settings) {
      Json parts = Json::array();
      for (const auto& each : setting.parts) parts.push_back(part(each));
      json["settings"].push_back(
          {{"condition", rendered(setting.condition)}, {"agrees", known(setting.agrees)}, {"parts", std::move(parts)}});
    }
    return json;
  }

 private:
  Json rendered(const Words& words) const { return words.empty() ? Json(nullptr) : Json(words.in(language_)); }
  static Json known(std::optional<bool> value) { return value ? Json(*value) : Json(nullptr); }

  Json part(const Part& part) const {
    Json proofs = Json::array();
    for (const auto& proof : part.proofs) proofs.push_back({{"experiment", proof.experiment}, {"edge", proof.edge}});
    return {{"quantity", part.quantity},
            {"label", rendered(part.label)},
            {"claimed", rendered(part.claimed)},
            {"measured", rendered(part.measured)},
            {"rule", rendered(part.rule)},
            {"agrees", known(part.agrees)},
            {"evidence", timeline::text(part.evidence)},
            {"missing", rendered(part.missing)},
            {"proofs", std::move(proofs)}};
  }

  Language language_;
};

}  // namespace

nlohmann::ordered_json to_json(const Judgment& judgment, Language language) {
  Json json{{"kernel", judgment.kernel}, {"where", judgment.where}, {"claims", Json::array()}};
  for (const auto& each : judgment.claims) json["claims"].push_back(Writer(language).judged(each));
  return json;
}

}  // namespace zctrace::claims
