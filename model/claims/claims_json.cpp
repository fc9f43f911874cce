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
    std::string documents;
    for (const auto& id : judged.documents) documents += (documents.empty() ? "" : " ") + id;
    Json json{{"id", judged.id},
              {"document", documents},
              {"statement", said(judged.statement)},
              {"claimed", said(judged.claimed)},
              {"measured", said(judged.measured)},
              {"verdict", text(judged.verdict)},
              {"condition", said(judged.condition)},
              {"evidence", timeline::text(judged.evidence)},
              {"why", said(judged.why)},
              {"quantities", Json::array()},
              {"settings", Json::array()}};
    for (const auto& each : by_quantity(judged))
      json["quantities"].push_back({{"quantity", each.quantity},
                                    {"label", said(each.label)},
                                    {"claimed", said(each.claimed)},
                                    {"measured", said(each.measured)},
                                    {"verdict", text(each.verdict)},
                                    {"condition", said(each.condition)}});
    for (const auto& setting : judged.settings) {
      Json parts = Json::array();
      for (const auto& each : setting.parts) parts.push_back(part(each));
      json["settings"].push_back(
          {{"condition", said(setting.condition)}, {"agrees", known(setting.agrees)}, {"parts", std::move(parts)}});
    }
    return json;
  }

 private:
  Json said(const Words& words) const { return words.empty() ? Json(nullptr) : Json(words.in(language_)); }
  static Json known(std::optional<bool> value) { return value ? Json(*value) : Json(nullptr); }

  Json part(const Part& part) const {
    Json proofs = Json::array();
    for (const auto& proof : part.proofs) proofs.push_back({{"experiment", proof.experiment}, {"edge", proof.edge}});
    return {{"quantity", part.quantity},
            {"label", said(part.label)},
            {"claimed", said(part.claimed)},
            {"measured", said(part.measured)},
            {"rule", said(part.rule)},
            {"agrees", known(part.agrees)},
            {"evidence", timeline::text(part.evidence)},
            {"missing", said(part.missing)},
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
