#include "viz/terminal/chain_table.h"

#include <fmt/format.h>

#include "base/text.h"
#include "model/language/texts.h"
#include "model/summary/chain_rows.h"

namespace zctrace::terminal {
namespace {

constexpr size_t kMost = 6;  // chains that are shown one by one
constexpr int kBelow = 4;    // what stands below a chain's ends

class ChainTable {
 public:
  ChainTable(const summary::ChainRows& chains, const Style& style) : chains_(chains), style_(style) {}

  std::vector<std::string> lines() {
    if (chains_.shown.empty()) return {};
    const auto at = [&](Text text) { return words(text, style_.language); };
    put(fmt::format("{}: {}", at(Text::chains), at(Text::chains_hint)), Ink::dim, 1);
    for (const auto& chain : chains_.shown) {
      ends(chain);
      step(chain.whole, 0);
      for (const auto& one : chain.steps) step(one, 2);
      for (const auto& line : wrap(chain.why_unknown, style_.width - kBelow - 1)) put(line, Ink::dim, kBelow);
    }
    if (!chains_.left.empty()) put(chains_.left, Ink::dim, 1);
    return std::move(lines_);
  }

 private:
  void put(std::string_view text, Ink ink, int indent) {
    lines_.push_back(std::string(static_cast<size_t>(indent), ' ') +
                     paint(fit(text, style_.width - indent - 1), ink, style_));
  }

  /// One line, or as many as there are ends.
  void ends(const summary::ChainRow& chain) {
    std::string all = chain.ends.front();
    for (size_t i = 1; i < chain.ends.size(); ++i) all = say(style_.language, Text::flow_ends, all, chain.ends[i]);
    if (columns(all) < style_.width - 1) return put(all, Ink::strong, 1);
    put(shorten(chain.ends.front(), style_.width - 2), Ink::strong, 1);
    for (size_t i = 1; i < chain.ends.size(); ++i)
      put(say(style_.language, Text::flow_ends, "", shorten(chain.ends[i], style_.width - 5)), Ink::strong, 1);
  }

  void step(const summary::ChainStep& step, size_t indent) {
    const Ink ink = step.tone == summary::Tone::unknown       ? Ink::warn
                    : step.tone == summary::Tone::good        ? Ink::good
                    : step.tone == summary::Tone::transformed ? Ink::transform
                                                              : Ink::cpu;
    auto text = fmt::format("{}  {}  {}{}", pad(step.copies, 9, true), pad(step.amount, 10, true),
                            std::string(indent, ' '), step.how);
    if (!step.process.empty()) text += ": " + step.process;
    put(text, ink, 1);
  }

  const summary::ChainRows chains_;
  const Style& style_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> chain_table(const timeline::Run& run, const timeline::Flows& flows, const Style& style) {
  return ChainTable(summary::chain_rows(run, flows, kMost, style.language), style).lines();
}

}  // namespace zctrace::terminal
