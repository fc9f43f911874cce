#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "model/claims/method_claims.h"
#include "model/language/texts.h"
#include "viz/terminal/style.h"
#include "workloads/run/registry.h"

namespace zctrace::commands {
namespace {

using terminal::Ink;

constexpr int kName = 15;

/// The rows to show of a method: where scatter-gather decides, one with and one without.
std::vector<std::string> claims_of(std::string_view method, Language language) {
  const auto *without = claims::claim_for(method, false), *with = claims::claim_for(method, true);
  if (without == nullptr && with == nullptr) return {std::string(words(Text::list_nothing, language))};
  const auto figures = [&](const auto* claim) { return claims::figures_text(*claim, language, false); };
  if (without == with) return {figures(with)};
  return {say(language, Text::list_without_sg, figures(without)), say(language, Text::list_with_sg, figures(with))};
}

/// In the table's words: the workloads know no languages.
std::string_view summary_of(const workloads::Method& method, Language language) {
  const auto row = text_named("summary_" + std::string(method.name));
  return row ? words(*row, language) : std::string_view(method.summary);
}

void print_method(const workloads::Method& method, const terminal::Style& style) {
  fmt::print("{} {}\n", terminal::paint(pad(method.name, kName), Ink::strong, style),
             terminal::paint(fit(summary_of(method, style.language), style.width - kName - 1), Ink::plain, style));
  const auto detail = [&](std::string_view label, std::string_view text) {
    fmt::print("  {} {}\n", terminal::paint(pad(label, kName - 2), Ink::dim, style),
               terminal::paint(fit(text, style.width - kName - 1), Ink::plain, style));
  };
  detail(words(Text::list_calls, style.language), method.calls);
  if (const auto* need = method.need) {
    const auto missing = need->missing();
    const auto text = missing ? say(style.language, Text::list_needs_not_here, need->since, need->what, missing->why)
                              : say(style.language, Text::list_needs, need->since, need->what);
    auto label = words(Text::list_kernel, style.language);
    for (const auto& line : wrap(text, style.width - kName - 1)) {
      detail(label, line);
      label = "";
    }
  }
  auto label = words(Text::list_documents, style.language);
  for (const auto& claim : claims_of(method.name, style.language)) {
    detail(label, claim);
    label = "";
  }
}

}  // namespace

void add_list(Command& program) {
  Command list = program.subcommand("list", "List the transfer methods, their system calls and the textbooks' claims.");
  list.footer("Examples:\n  zctrace list\n  zctrace list --lang zh");
  list.on_call([] {
    const auto style = terminal::style_of(stdout);
    for (const auto& method : workloads::methods()) print_method(method, style);
  });
}

}  // namespace zctrace::commands
