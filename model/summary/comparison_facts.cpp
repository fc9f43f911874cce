#include "model/summary/comparison_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/units.h"
#include "model/summary/edge_label.h"
#include "model/summary/figure_rows.h"
#include "model/summary/run_differences.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"

namespace zctrace::summary {
namespace {

using namespace timeline;

RunDifferences differences(std::span<const timeline::Measured> runs, Language language) {
  std::vector<const Run*> each;
  for (const auto& measured : runs) each.push_back(&measured.run);
  return run_differences(each, language);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& each : words) text += (text.empty() ? "" : " · ") + each;
  return text;
}

/// The facts of one run.
class Reader {
 public:
  Reader(const timeline::Measured& measured, Language language)
      : run_(measured.run),
        ledger_(measured.ledger),
        language_(language),
        figures_(figure_list(run_, ledger_, language)) {}

  Row row() const {
    Row row;
    row.title = full_title(run_, language_);
    if (!ledger_.flows) row.beside = verdict_of(run_, ledger_, language_).beside;
    row.copies = bar("cpu_copies_per_byte");
    row.copies.parts = edge_parts(Side::sender, Mover::cpu);
    row.receiver = has_receiver(run_) ? bar("receiver/cpu_copies_per_byte") : sum({}, true);
    row.receiver.parts = edge_parts(Side::receiver, Mover::cpu);
    const auto& evidence = run_.evidence;
    const bool bytes = ledger_.payload_bytes > 0;
    row.references = sum(edge_parts(Side::sender, Mover::reference),
                         bytes && evidence.copies != Evidence::none && !evidence.copies_unknown);
    row.dma = sum(edge_parts(Side::sender, Mover::dma),
                  bytes && evidence.disk != Evidence::none && evidence.nic != Evidence::none);
    row.mode_switches = bar("mode_switches/per_chunk");
    if (const auto count = static_cast<double>(chunks(run_)); count > 0)
      row.mode_switches.parts = {part(Text::system_calls, "mode_switches/syscall", count),
                                 part(Text::comparison_by_faults, "mode_switches/fault", count)};
    row.context_switches = context_switches();
    row.cpu_time = bar("cpu_ns");
    row.throughput = bar("throughput");
    claims(row);
    return row;
  }

 private:
  std::string labelled(const Figure& figure) const {
    return say(language_, Text::labelled, figure.label, figure.value);
  }

  const Figure& figure(std::string_view id) const {
    static const Figure kNone;
    const auto found = std::ranges::find(figures_, id, &Figure::id);
    return found == figures_.end() ? kNone : *found;
  }

  Bar bar(std::string_view id) const {
    const auto& from = figure(id);
    Bar bar{from.number, from.value, from.evidence, {}, {}, {}, {}};
    if (from.number) bar.parts = {{from.label, "", *from.number, from.evidence, labelled(from)}};
    return bar;
  }

  Part part(Text label, std::string_view id, double per) const {
    const auto& from = figure(id);
    return {std::string(words(label, language_)), "", from.number.value_or(0) / per, from.evidence, labelled(from)};
  }

  Bar context_switches() const {
    const auto &voluntary = figure("context_switches/voluntary"), &involuntary = figure("context_switches/involuntary");
    Bar bar{{}, voluntary.value, voluntary.evidence, {}, {}, {}, {}};
    if (!voluntary.number || !involuntary.number) return bar;
    bar.number = *voluntary.number + *involuntary.number;
    bar.value =
        mark(bar.evidence) + format_count(ledger_.sender.voluntary_switches + ledger_.sender.involuntary_switches);
    bar.parts = {part(Text::comparison_voluntary, voluntary.id, 1),
                 part(Text::comparison_involuntary, involuntary.id, 1)};
    return bar;
  }

  /// What one mover moved on one side; a part for each edge whose bytes are known.
  std::vector<Part> edge_parts(Side side, Mover by) const {
    std::vector<Part> parts;
    for (const auto& edge : edges(ledger_, side)) {
      if (edge.by != by) continue;
      const auto& known = figure(edge_id(side, edge));
      if (!known.number) continue;
      parts.push_back({std::string(word(edge.from, language_)), std::string(word(edge.to, language_)), *known.number,
                       known.evidence, fmt::format("{}\n{}\n{}", labelled(known), amount(edge), known.detail)});
    }
    return parts;
  }

  Bar sum(std::vector<Part> parts, bool known) const {
    Bar bar;
    bar.value = words(Text::unknown, language_);
    if (!known) return bar;
    double all = 0;
    bar.evidence = Evidence::exact;
    for (const auto& each : parts) {
      all += each.amount;
      bar.evidence = std::max(bar.evidence, each.evidence);
    }
    bar.number = all;
    bar.value = mark(bar.evidence) + format_ratio(all);
    bar.parts = std::move(parts);
    return bar;
  }

  void claims(Row& row) const {
    const auto* claim = claim_of(run_);
    if (claim == nullptr) return;
    row.copies.claim = row.mode_switches.claim = claim_sentence(run_, language_);
    hold_against_claim(row.copies, "cpu_copies_per_byte");
    hold_against_claim(row.mode_switches, "mode_switches/per_chunk");
    row.copies.remark = claim->remark.in(language_);
  }

  void hold_against_claim(Bar& bar, std::string_view id) const {
    const auto claimed = claimed_figure(run_, figure(id));
    bar.claimed = claimed.number;
    bar.in_part = claimed.in_part;
    bar.contradicted = claimed.contradicted;
  }

  const Run& run_;
  const Ledger& ledger_;
  Language language_;
  std::vector<Figure> figures_;
};

}  // namespace

std::vector<Row> rows_of(std::span<const timeline::Measured> runs, Language language) {
  std::vector<Row> rows;
  auto apart = differences(runs, language).apart;
  for (size_t i = 0; i < runs.size(); ++i) {
    auto row = Reader(runs[i], language).row();
    // The title says the method, and the device's scatter-gather where it matters.
    std::erase(apart[i], title(runs[i].run, language));
    if (row.title != title(runs[i].run, language))
      std::erase_if(apart[i], [&](const std::string& aspect) {
        return aspect == say(language, Text::compared_sg, words(Text::on, language)) ||
               aspect == say(language, Text::compared_sg, words(Text::off, language));
      });
    row.apart = joined(apart[i]);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string comparison_headline(std::span<const timeline::Measured> runs, std::span<const Row> rows,
                                Language language) {
  std::vector<const Row*> known;
  for (const auto& row : rows)
    if (row.copies.number) known.push_back(&row);
  const bool programs = std::ranges::any_of(runs, [](const auto& measured) { return is_program(measured.run); });
  if (programs || rows.size() < 2 || known.empty())
    return say_count(language, rows.size(), Text::comparison_one_run, Text::comparison_many_runs);
  const auto number = [](const Row* row) { return *row->copies.number; };
  // Where equally little is copied: whose CPU did not transform the bytes instead, and the shortest name.
  const auto cost = [&](const Row* row) { return std::tuple(number(row), !row->beside.empty(), row->title.size()); };
  const auto* least = *std::ranges::min_element(known, {}, cost);
  const auto* most = *std::ranges::max_element(known, {}, number);
  if (format_ratio(number(least)) == format_ratio(number(most))) {
    const auto weakest = [](const Row* row) { return row->copies.evidence; };
    const auto& value = (*std::ranges::max_element(known, {}, weakest))->copies.value;
    return known.size() < rows.size() ? say(language, Text::comparison_headline_known, value)
                                      : say(language, Text::comparison_headline_same, value, format_count(rows.size()));
  }
  if (least->title == most->title && !least->apart.empty() && !most->apart.empty())
    return say(language, Text::comparison_headline_apart, most->copies.value, most->apart, least->copies.value,
               least->apart);
  // Scatter-gather only where it tells runs apart.
  const auto name = [&](const Row* row) {
    const auto method = title(runs[static_cast<size_t>(row - rows.data())].run, language);
    const auto of_method = [&](const auto& measured) { return title(measured.run, language) == method; };
    return std::ranges::count_if(runs, of_method) == 1 ? method : row->title;
  };
  return say(language, Text::comparison_headline, most->copies.value, name(most), least->copies.value, name(least));
}

std::string shared_by(std::span<const timeline::Measured> runs, Language language) {
  return joined(differences(runs, language).shared);
}

}  // namespace zctrace::summary
