#include "userspace/commands/list.h"

#include <fmt/format.h>

#include <algorithm>

#include "userspace/documents/method_claims.h"
#include "userspace/export/style.h"
#include "userspace/export/text.h"
#include "userspace/language/texts.h"
#include "userspace/language/translate.h"
#include "workloads/registry.h"

namespace zctrace::commands {
namespace {

using exports::Ink;

constexpr int kName = 15;

/// The rows to show of a method: where scatter-gather decides, one with and one without.
std::vector<std::string> claims_of(std::string_view method, Language language) {
  const auto *without = documents::claim_for(method, false), *with = documents::claim_for(method, true);
  if (without == nullptr && with == nullptr) return {std::string(words(Text::list_nothing, language))};
  const auto figures = [&](const auto* claim) { return documents::figures_text(*claim, language, false); };
  if (without == with) return {figures(with)};
  return {say(language, Text::list_without_sg, figures(without)), say(language, Text::list_with_sg, figures(with))};
}

void print_method(const workloads::Method& method, const exports::Style& style) {
  fmt::print("{} {}\n", exports::paint(exports::pad(method.name, kName), Ink::strong, style),
             exports::paint(exports::fit(translate(method.summary, style.language), style.width - kName - 1),
                            Ink::plain, style));
  const auto detail = [&](std::string_view label, std::string_view text) {
    fmt::print("  {} {}\n", exports::paint(exports::pad(label, kName - 2), Ink::dim, style),
               exports::paint(exports::fit(text, style.width - kName - 1), Ink::plain, style));
  };
  detail(words(Text::list_calls, style.language), method.calls);
  auto label = words(Text::list_documents, style.language);
  for (const auto& claim : claims_of(method.name, style.language)) {
    detail(label, claim);
    label = "";
  }
}

}  // namespace

void add_list(CLI::App& app) {
  auto* list = app.add_subcommand("list", "Methods, their system calls, and what the documents claim of each");
  list->callback([] {
    const auto style = exports::style_of(stdout);
    for (const auto& method : workloads::methods()) print_method(method, style);
  });
}

}  // namespace zctrace::commands
