#include "viz/page/said.h"

#include <nlohmann/json.hpp>

#include "userspace/export/figure_list.h"
#include "userspace/export/sentences.h"
#include "userspace/timeline/names.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;

std::string_view text(exports::Tone tone) {
  switch (tone) {
    case exports::Tone::good:
      return "good";
    case exports::Tone::bad:
      return "bad";
    case exports::Tone::unknown:
      break;
  }
  return "unknown";
}

Json figures(const timeline::Run& run, const timeline::Ledger& ledger, Language language) {
  Json rows = Json::array();
  for (const auto& figure : exports::figure_list(run, ledger, language))
    rows.push_back({{"id", figure.id},
                    {"section", figure.section},
                    {"label", figure.label},
                    {"value", figure.value},
                    {"number", figure.number ? Json(*figure.number) : Json(nullptr)},
                    {"evidence", timeline::text(figure.evidence)},
                    {"detail", figure.detail}});
  return rows;
}

}  // namespace

Json said(const timeline::Run& run, const timeline::Ledger& ledger) {
  Json said;
  for (const auto language : kLanguages) {
    const auto verdict = exports::verdict_of(run, ledger, language);
    const auto evidence = exports::evidence_sentence(run, language);
    said[std::string(code(language))] = {{"title", exports::title(run)},
                                         {"full_title", exports::full_title(run, language)},
                                         {"setting", exports::setting(run, language)},
                                         {"network", exports::network(run, language)},
                                         {"verdict",
                                          {{"figure", verdict.figure},
                                           {"what", verdict.what},
                                           {"judgment", verdict.judgment},
                                           {"tone", text(verdict.tone)}}},
                                         {"claim", exports::claim_sentence(run, language)},
                                         {"evidence", {{"text", evidence.text}, {"good", evidence.good}}},
                                         {"lost", run.lost.events == 0 ? "" : exports::lost_sentence(run, language)},
                                         {"complete", run.complete},
                                         {"notes", run.evidence.notes},
                                         {"figures", figures(run, ledger, language)}};
  }
  return said;
}

}  // namespace zctrace::page
