#include "viz/terminal/overview_table.h"

#include <vector>

#include "base/text.h"
#include "model/language/texts.h"
#include "model/quantities/amount.h"
#include "model/summary/figure_rows.h"
#include "model/summary/run_differences.h"
#include "model/timeline/ledger.h"
#include "viz/terminal/columns.h"

namespace zctrace::terminal {
namespace {

using summary::Figure;

/// Empty where the run has no such figure.
Figure figure(const std::vector<Figure>& figures, std::string_view id) {
  for (const auto& each : figures)
    if (each.id == id) return each;
  return {};
}

Ink ink_of(const Figure& copies, const timeline::Measured& measured) {
  if (!copies.number) return Ink::warn;
  if (!quantities::is_zero_copy(*copies.number)) return Ink::cpu;
  return measured.run.kernel_tls || timeline::transformed_bytes(measured.ledger) != 0 ? Ink::transform : Ink::good;
}

}  // namespace

std::string overview_text(std::span<const timeline::Measured> runs, const Style& style) {
  const auto word = [&](Text text) { return std::string(words(text, style.language)); };
  std::vector<const timeline::Run*> each;
  for (const auto& [run, ledger] : runs) each.push_back(&run);
  const auto differences = summary::run_differences(each, style.language);
  std::string text;
  if (const auto shared = summary::shared_sentence(differences, style.language); !shared.empty())
    for (const auto& line : wrap(shared, style.width - 2)) text += " " + paint(line, Ink::dim, style) + "\n";
  const Columns columns({{"", 0, false, 0},
                         {word(Text::live_copies), 12, true, 0},
                         {word(Text::overview_claim), 10, true, 1},
                         {word(Text::overview_switches), 14, true, 2},
                         {word(Text::overview_claim), 10, true, 3},
                         {word(Text::receiver), 9, true, 4}},
                        style.width);
  text += (text.empty() ? "" : "\n") + columns.head(style) + "\n";
  for (size_t at = 0; at < runs.size(); ++at) {
    const auto& run = runs[at].run;
    const auto figures = summary::figure_list(run, runs[at].ledger, style.language);
    const auto copies = figure(figures, "cpu_copies_per_byte"), switches = figure(figures, "mode_switches/per_chunk");
    const auto claim = [&](size_t column, const Figure& of) {
      const auto claimed = summary::claimed_figure(run, of);
      return columns.cell(column, claimed.number ? std::to_string(*claimed.number) : "",
                          claimed.contradicted ? Ink::warn : Ink::dim, style);
    };
    std::string name;
    for (const auto& aspect : differences.apart[at]) name += (name.empty() ? "" : ", ") + aspect;
    text += columns.cell(0, name, Ink::strong, style) + columns.cell(1, copies.value, ink_of(copies, runs[at]), style) +
            claim(2, copies) + columns.cell(3, switches.value, Ink::plain, style) + claim(4, switches) +
            columns.cell(5, figure(figures, "receiver/cpu_copies_per_byte").value, Ink::dim, style) + "\n";
  }
  return text;
}

}  // namespace zctrace::terminal
