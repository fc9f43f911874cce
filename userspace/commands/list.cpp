#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/claims/method_claims.h"
#include "model/language/texts.h"
#include "viz/terminal/style.h"
#include "workloads/run/registry.h"

namespace zctrace::commands {
namespace {

using terminal::Ink;

constexpr int kName = 20;  // the longest is as long

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
  // A method's name is what one types: it is not cut, nor is what is said of it.
  const auto lines = [&](const std::string& label, Ink ink, std::string_view text) {
    std::string before = terminal::paint(pad(label, kName), ink, style);
    for (const auto& line : wrap(text, style.width - kName - 1)) {
      fmt::print("{} {}\n", before, terminal::paint(line, Ink::plain, style));
      before = std::string(kName, ' ');
    }
  };
  lines(method.name, Ink::strong, summary_of(method, style.language));
  const auto detail = [&](std::string_view label, std::string_view text) {
    lines("  " + std::string(label), Ink::dim, text);
  };
  detail(words(Text::list_calls, style.language), method.calls);
  if (const auto* need = method.need) {
    const auto missing = need->missing();
    const auto text = missing ? say(style.language, Text::list_needs_not_here, need->since, need->what, missing->why)
                              : say(style.language, Text::list_needs, need->since, need->what);
    detail(words(Text::list_kernel, style.language), text);
  }
  auto label = words(Text::list_documents, style.language);
  for (const auto& claim : claims_of(method.name, style.language)) {
    detail(label, claim);
    label = "";
  }
}

/// {"name", "summary", "calls", "paths": [word], "kernel": since which one, and what of it, or null, "missing": why
/// this machine cannot run it, or null}
nlohmann::ordered_json json_of(const workloads::Method& method) {
  nlohmann::ordered_json paths = nlohmann::ordered_json::array(), kernel = nullptr, missing = nullptr;
  for (const char* path : {"nic", "veth", "loopback", "file", "pipe"})
    if (workloads::takes(method, path)) paths.push_back(path);
  if (method.need) kernel = {{"since", method.need->since}, {"needs", method.need->what}};
  if (const auto why = workloads::missing_for(method)) missing = why->why;
  return {{"name", method.name},   {"summary", summary_of(method, Language::english)},
          {"calls", method.calls}, {"paths", paths},
          {"kernel", kernel},      {"missing", missing}};
}

}  // namespace

void add_list(Command& program) {
  Command list = program.subcommand("list", "List the transfer methods, their system calls and the textbooks' claims.");
  list.footer("Examples:\n  zctrace list\n  zctrace list --lang zh\n  zctrace list --json");
  const auto json = std::make_shared<bool>(false);
  list.flag("--json", *json, "Print them as JSON, in English.");
  list.on_call([json] {
    if (*json) {
      auto all = nlohmann::ordered_json::array();
      for (const auto& method : workloads::methods()) all.push_back(json_of(method));
      fmt::print("{}\n", all.dump(2));
      return;
    }
    const auto style = terminal::style_of(stdout);
    for (const auto& method : workloads::methods()) print_method(method, style);
  });
}

}  // namespace zctrace::commands
