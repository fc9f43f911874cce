#include "viz/page/said.h"

#include <nlohmann/json.hpp>

#include "userspace/export/figure_list.h"
#include "userspace/export/flow_rows.h"
#include "userspace/export/sentences.h"
#include "userspace/language/translate.h"
#include "userspace/timeline/names.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;

std::string_view text(exports::Tone tone) {
  switch (tone) {
    case exports::Tone::good:
      return "good";
    case exports::Tone::mixed:
      return "mixed";
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

Json flow_figures(const exports::FlowFigures& figures) {
  return {{"how", figures.how},
          {"bytes", figures.bytes},
          {"amount", figures.amount},
          {"copies", figures.copies},
          {"ratio", figures.ratio ? Json(*figures.ratio) : Json(nullptr)},
          {"tone", text(figures.tone)},
          {"switches", figures.switches},
          {"disk", figures.disk},
          {"cached", figures.cached}};
}

/// null where the run has none.
Json flows(const timeline::Run& run, const timeline::Ledger& ledger, Language language) {
  if (!ledger.flows) return nullptr;
  Json rows = Json::array(), remarks = Json::array();
  for (const auto& row : exports::flow_rows(run, *ledger.flows, language)) {
    Json parts = Json::array();
    for (const auto& part : row.parts) parts.push_back(flow_figures(part));
    rows.push_back({{"from", row.from},
                    {"to", row.to},
                    {"linked", row.linked},
                    {"all", flow_figures(row.all)},
                    {"parts", std::move(parts)}});
  }
  for (const auto& remark : exports::flow_remarks(run, *ledger.flows, language))
    remarks.push_back({{"label", words(remark.label, language)}, {"text", remark.text}, {"warn", remark.warn}});
  return {{"rows", std::move(rows)}, {"remarks", std::move(remarks)}};
}

}  // namespace

Json said(const timeline::Run& run, const timeline::Ledger& ledger) {
  Json said;
  for (const auto language : kLanguages) {
    const auto verdict = exports::verdict_of(run, ledger, language);
    const auto evidence = exports::evidence_sentence(run, language);
    Json notes = Json::array();
    for (const auto& note : run.evidence.notes) notes.push_back(translate(note, language));
    said[std::string(code(language))] = {{"title", exports::title(run, language)},
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
                                         {"notes", std::move(notes)},
                                         {"flows", flows(run, ledger, language)},
                                         {"figures", figures(run, ledger, language)}};
  }
  return said;
}

}  // namespace zctrace::page
