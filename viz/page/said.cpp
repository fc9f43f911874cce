#include "viz/page/said.h"

#include <nlohmann/json.hpp>

#include "model/summary/after_all.h"
#include "model/summary/chain_rows.h"
#include "model/summary/copy_stacks.h"
#include "model/summary/cpu_cost.h"
#include "model/summary/figure_rows.h"
#include "model/summary/flow_rows.h"
#include "model/summary/sentences.h"
#include "model/timeline/names.h"
#include "viz/page/words.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;

Json figures(const timeline::Run& run, const timeline::Ledger& ledger, Language language) {
  Json rows = Json::array();
  for (const auto& figure : summary::figure_list(run, ledger, language))
    rows.push_back({{"id", figure.id},
                    {"section", figure.section},
                    {"label", figure.label},
                    {"value", figure.value},
                    {"number", figure.number ? Json(*figure.number) : Json(nullptr)},
                    {"evidence", timeline::text(figure.evidence)},
                    {"detail", figure.detail}});
  return rows;
}

Json flow_figures(const summary::FlowFigures& figures) {
  return {{"how", figures.how},
          {"bytes", figures.bytes},
          {"amount", figures.amount},
          {"copies", figures.copies},
          {"ratio", figures.ratio ? Json(*figures.ratio) : Json(nullptr)},
          {"transforms", figures.transforms},
          {"tone", word(figures.tone)},
          {"switches", figures.switches},
          {"disk", figures.disk},
          {"cached", figures.cached}};
}

Json whys(const std::vector<why::Why>& all, Language language) {
  Json list = Json::array();
  for (const auto& why : all)
    list.push_back({{"id", why.id},
                    {"title", why.title.in(language)},
                    {"why", why.sentence.in(language)},
                    {"remedy", why.remedy.in(language)}});
  return list;
}

/// null where the run has none.
Json flows(const timeline::Run& run, const timeline::Ledger& ledger, Language language) {
  if (!ledger.flows) return nullptr;
  Json rows = Json::array(), remarks = Json::array();
  const why::Explainer explainer(run, ledger);
  for (const auto& row : summary::flow_rows(run, *ledger.flows, language, &explainer)) {
    Json parts = Json::array();
    for (const auto& part : row.parts) parts.push_back(flow_figures(part));
    rows.push_back({{"from", row.from},
                    {"to", row.to},
                    {"short_from", row.short_from},
                    {"short_to", row.short_to},
                    {"minor", row.minor},
                    {"process", row.process},
                    {"linked", row.linked},
                    {"all", flow_figures(row.all)},
                    {"parts", std::move(parts)},
                    {"why", whys(row.why, language)}});
  }
  for (const auto& remark : summary::flow_remarks(run, ledger, language))
    remarks.push_back({{"label", words(remark.label, language)}, {"text", remark.text}, {"warn", remark.warn}});
  return {{"rows", std::move(rows)}, {"remarks", std::move(remarks)}};
}

Json chain_step(const summary::ChainStep& step) {
  return {{"how", step.how},
          {"process", step.process},
          {"amount", step.amount},
          {"copies", step.copies},
          {"tone", word(step.tone)}};
}

/// null where there are none.
Json chains(const timeline::Run& run, const timeline::Ledger& ledger, Language language) {
  constexpr size_t kMost = 100;
  if (!ledger.flows) return nullptr;
  const auto rows = summary::chain_rows(run, *ledger.flows, kMost, language);
  if (rows.shown.empty()) return nullptr;
  Json list = Json::array();
  for (const auto& row : rows.shown) {
    Json steps = Json::array();
    for (const auto& step : row.steps) steps.push_back(chain_step(step));
    list.push_back({{"ends", row.ends},
                    {"steps", std::move(steps)},
                    {"whole", chain_step(row.whole)},
                    {"why_unknown", row.why_unknown}});
  }
  return {{"list", std::move(list)}, {"left", rows.left}};
}

Json cpu(const timeline::Run& run, const timeline::Ledger& ledger, Language language) {
  Json lines = Json::array();
  for (const auto& line : summary::cpu_lines(run, ledger, language))
    lines.push_back({{"side", timeline::text(line.side)}, {"label", words(line.label, language)}, {"text", line.text}});
  return lines;
}

/// null where none were asked for.
Json stacks(const timeline::Ledger& ledger, Language language) {
  if (!ledger.copy_stacks || !ledger.flows) return nullptr;
  const auto heaviest = summary::heaviest_stacks(ledger, language);
  Json list = Json::array();
  for (const auto& stack : heaviest.list) list.push_back({{"amount", stack.amount}, {"lines", stack.lines}});
  return {{"list", std::move(list)}, {"remarks", heaviest.remarks}};
}

}  // namespace

Json flame_of(const timeline::CopyStacks& all, const timeline::Flows& flows) {
  const auto flame = summary::flame_stacks(all, flows);
  Json names = Json::array(), list = Json::array();
  for (const auto& name : flame.names)
    names.push_back({{"name", name.name}, {"work", timeline::text(name.work)}, {"kernel", name.kernel}});
  for (const auto& stack : flame.stacks) list.push_back({{"weight", stack.bytes}, {"frames", stack.frames}});
  return {{"names", std::move(names)}, {"stacks", std::move(list)}, {"rest", flame.unknown_bytes}};
}

Json said(const timeline::Run& run, const timeline::Ledger& ledger) {
  Json said;
  for (const auto language : kLanguages) {
    const auto verdict = summary::verdict_of(run, ledger, language);
    const auto evidence = summary::evidence_sentence(run, language);
    Json notes = summary::after_all(run, ledger, language);
    for (const auto& note : run.evidence.notes) notes.push_back(note.in(language));
    said[std::string(code(language))] = {{"title", summary::title(run, language)},
                                         {"full_title", summary::full_title(run, language)},
                                         {"setting", summary::setting(run, language)},
                                         {"network", summary::network(run, language)},
                                         {"verdict",
                                          {{"figure", verdict.figure},
                                           {"what", verdict.what},
                                           {"judgment", verdict.judgment},
                                           {"tone", word(verdict.tone)}}},
                                         {"claim", summary::claim_sentence(run, language)},
                                         {"evidence", {{"text", evidence.text}, {"good", evidence.good}}},
                                         {"lost", run.lost.events == 0 ? "" : summary::lost_sentence(run, language)},
                                         {"complete", run.complete},
                                         {"notes", std::move(notes)},
                                         {"flows", flows(run, ledger, language)},
                                         {"chains", chains(run, ledger, language)},
                                         {"cpu", cpu(run, ledger, language)},
                                         {"stacks", stacks(ledger, language)},
                                         {"figures", figures(run, ledger, language)}};
  }
  return said;
}

Json figure_rows(std::span<const timeline::Measured> runs) {
  Json all;
  for (const auto language : kLanguages) {
    auto& rows = all[std::string(code(language))] = Json::array();
    for (const auto& row : summary::figure_rows(runs, language)) {
      Json cells = Json::array();
      for (const auto& cell : row.cells)
        cells.push_back({{"value", cell.value},
                         {"evidence", timeline::text(cell.evidence)},
                         {"absent", cell.absent},
                         {"differs", cell.differs},
                         {"change", cell.change}});
      rows.push_back({{"id", row.head.id},
                      {"section", row.head.section},
                      {"label", row.head.label},
                      {"differs", row.differs},
                      {"cells", std::move(cells)}});
    }
  }
  return all;
}

}  // namespace zctrace::page
