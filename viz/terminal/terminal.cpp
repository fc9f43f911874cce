#include "viz/terminal/terminal.h"

#include <algorithm>

#include "viz/terminal/chain_table.h"
#include "viz/terminal/diagram.h"
#include "viz/terminal/figures.h"
#include "viz/terminal/flow_table.h"
#include "viz/terminal/verdict.h"

namespace zctrace::terminal {

std::string run_text(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style) {
  constexpr int kDiagramWidth = 60;
  std::string text;
  const auto add = [&](const std::vector<std::string>& lines) {
    for (const auto& line : lines) text += line + "\n";
  };
  const auto found = verdict(run, ledger, style);
  if (ledger.flows) {
    // The documents' picture is of one transfer: of a program it would show sums of what has nothing in common.
    if (const auto table = flow_table(run, ledger, style); !table.empty()) {
      add(table);
      text += "\n";
    }
    if (const auto table = chain_table(run, *ledger.flows, style); !table.empty()) {
      add(table);
      text += "\n";
    }
  } else if (style.width >= kDiagramWidth) {
    add(diagram(run, ledger, style));
    text += "\n";
  }
  add(figures(run, ledger, style));
  std::string head;
  for (const auto& line : found) head += line + "\n";
  // Where the terminal is too low for all, what one sees is the end.
  const auto lines = std::ranges::count(text, '\n') + static_cast<long>(found.size()) + 2;  // a blank, the prompt
  return style.rows != 0 && lines > style.rows ? text + "\n" + head : head + "\n" + text;
}

void print_run(const timeline::Run& run, const timeline::Ledger& ledger, std::FILE* stream, const Style& style) {
  const auto text = run_text(run, ledger, style);
  std::fwrite(text.data(), 1, text.size(), stream);
}

}  // namespace zctrace::terminal
