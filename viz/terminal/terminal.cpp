#include "viz/terminal/terminal.h"

#include "viz/terminal/chain_table.h"
#include "viz/terminal/diagram.h"
#include "viz/terminal/figures.h"
#include "viz/terminal/flow_table.h"
#include "viz/terminal/verdict.h"

namespace zctrace::terminal {

std::string run_text(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style) {
  constexpr int kDiagramWidth = 80;
  std::string text;
  const auto add = [&](const std::vector<std::string>& lines) {
    for (const auto& line : lines) text += line + "\n";
  };
  add(verdict(run, ledger, style));
  if (ledger.flows) {
    // The documents' picture is of one transfer: of a program it would show sums of what has nothing in common.
    if (const auto table = flow_table(run, ledger, style); !table.empty()) {
      text += "\n";
      add(table);
    }
    if (const auto table = chain_table(run, *ledger.flows, style); !table.empty()) {
      text += "\n";
      add(table);
    }
  } else if (style.width >= kDiagramWidth) {
    text += "\n";
    add(diagram(run, ledger, style));
  }
  text += "\n";
  add(figures(run, ledger, style));
  return text;
}

void print_run(const timeline::Run& run, const timeline::Ledger& ledger, std::FILE* stream, const Style& style) {
  const auto text = run_text(run, ledger, style);
  std::fwrite(text.data(), 1, text.size(), stream);
}

}  // namespace zctrace::terminal
