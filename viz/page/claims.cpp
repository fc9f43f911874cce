#include "viz/page/claims.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "model/summary/sentences.h"
#include "model/timeline/names.h"
#include "viz/page/words.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;
using Runs = std::map<std::string, size_t>;

/// With the mark of what was not seen exactly.
Json measured(Words words, timeline::Evidence evidence) {
  const auto mark = summary::mark(evidence);
  for (auto* text : {&words.english, &words.chinese})
    if (!text->empty() && !text->starts_with(mark)) text->insert(0, mark);
  return both(words);
}

Json known(const std::optional<bool>& agrees) { return agrees ? Json(*agrees) : Json(nullptr); }

Json links(const std::vector<claims::Proof>& proofs, const Runs& runs) {
  Json links = Json::array();
  std::set<std::pair<size_t, std::string>> linked;
  for (const auto& proof : proofs)
    if (const auto run = runs.find(proof.experiment); run != runs.end())
      if (linked.emplace(run->second, proof.edge).second) links.push_back({{"run", run->second}, {"edge", proof.edge}});
  return links;
}

Json sources(const std::vector<claims::Source>& sources) {
  Json all = Json::array();
  for (const auto& source : sources)
    all.push_back({{"name", source.name}, {"year", source.year}, {"link", source.link}});
  return all;
}

Json settings(const std::vector<claims::Setting>& settings, const Runs& runs) {
  Json all = Json::array();
  for (const auto& setting : settings) {
    Json parts = Json::array();
    for (const auto& part : setting.parts)
      parts.push_back({{"quantity", part.quantity},
                       {"label", both(part.label)},
                       {"claimed", both(part.claimed)},
                       {"measured", measured(part.measured, part.evidence)},
                       {"agrees", known(part.agrees)},
                       {"evidence", timeline::text(part.evidence)},
                       {"missing", both(part.missing)},
                       {"rule", both(part.rule)},
                       {"links", links(part.proofs, runs)}});
    all.push_back(
        {{"condition", both(setting.condition)}, {"agrees", known(setting.agrees)}, {"parts", std::move(parts)}});
  }
  return all;
}

/// What each kernel says of the claim; null where it was not judged there.
Json on_each(const std::string& id, std::span<const claims::Judgment> judgments) {
  Json all = Json::array();
  for (const auto& judgment : judgments) {
    const auto claim = std::ranges::find(judgment.claims, id, &claims::Judged::id);
    if (claim == judgment.claims.end())
      all.push_back(nullptr);
    else
      all.push_back({{"verdict", claims::text(claim->verdict)},
                     {"measured", measured(claim->measured, claim->evidence)},
                     {"condition", both(claim->condition)}});
  }
  return all;
}

Json tables(const claims::Judgment& judgment, const Runs& runs) {
  Json tables = Json::array();
  for (const auto& table : judgment.tables) {
    Json columns = Json::array(), rows = Json::array();
    for (const auto& column : table.columns) columns.push_back(both(column));
    for (const auto& row : table.rows) {
      Json cells = Json::array();
      for (const auto& cell : row.cells)
        cells.push_back({{"claimed", both(cell.claimed)},
                         {"measured", both(cell.measured)},
                         {"agrees", known(cell.agrees)},
                         {"links", links(cell.proofs, runs)}});
      rows.push_back({{"name", both(row.name)}, {"claim", row.claim}, {"cells", std::move(cells)}});
    }
    tables.push_back({{"document", table.textbook},
                      {"title", both(table.title)},
                      {"columns", std::move(columns)},
                      {"rows", std::move(rows)}});
  }
  return tables;
}

}  // namespace

Json claims(std::span<const claims::Judgment> judgments, const Runs& runs) {
  Json kernels = Json::array(), documents = Json::array(), claims = Json::array();
  for (const auto& judgment : judgments) kernels.push_back({{"release", judgment.kernel}, {"where", judgment.where}});
  const auto& first = judgments.front();
  for (const auto& textbook : first.textbooks) {
    Json ids = Json::array();
    for (const auto& claim : first.claims)
      if (std::ranges::count(claim.textbooks, textbook.id) > 0) ids.push_back(claim.id);
    documents.push_back({{"id", textbook.id},
                         {"title", both(textbook.title)},
                         {"collected", textbook.collected},
                         {"claims", std::move(ids)}});
  }
  for (const auto& claim : first.claims)
    claims.push_back({{"id", claim.id},
                      {"statement", both(claim.statement)},
                      {"claimed", both(claim.claimed)},
                      {"measured", measured(claim.measured, claim.evidence)},
                      {"verdict", claims::text(claim.verdict)},
                      {"condition", both(claim.condition)},
                      {"evidence", timeline::text(claim.evidence)},
                      {"why", both(claim.why)},
                      {"sources", sources(claim.sources)},
                      {"settings", settings(claim.settings, runs)},
                      {"on", on_each(claim.id, judgments)}});
  return {{"kernels", std::move(kernels)},
          {"documents", std::move(documents)},
          {"claims", std::move(claims)},
          {"tables", tables(first, runs)}};
}

}  // namespace zctrace::page
