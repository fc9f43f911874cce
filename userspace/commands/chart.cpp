#include "userspace/commands/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "userspace/commands/output_file.h"
#include "userspace/error.h"
#include "userspace/export/sentences.h"
#include "userspace/timeline/json_read.h"
#include "viz/diagram/flow.h"
#include "viz/diagram/svg.h"

namespace zctrace::commands {
namespace {

using diagram::Form;
using diagram::Theme;
using timeline::Document;

enum class Kind { flow };

const std::map<std::string, Kind> kKinds{{"flow", Kind::flow}};
const std::map<std::string, Theme> kThemes{{"light", Theme::light}, {"dark", Theme::dark}, {"auto", Theme::automatic}};
const std::map<std::string, Form> kForms{{"wide", Form::wide}, {"narrow", Form::narrow}};

struct ChartOptions {
  std::vector<std::string> files;
  Kind kind = Kind::flow;
  std::string run, output;
  diagram::Options look;
};

std::vector<Document> read(const ChartOptions& options) {
  std::vector<Document> documents;
  for (const auto& file : options.files)
    for (auto& document : timeline::read_summaries(file)) documents.push_back(std::move(document));
  return documents;
}

/// "1 read + write, 2 splice"
std::string list(const std::vector<Document>& documents) {
  constexpr size_t kMost = 12;
  std::string text;
  for (size_t i = 0; i < documents.size() && i < kMost; ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", i + 1,
                        diagram::fit(exports::full_title(documents[i].run, Language::english), 300, {}));
  return documents.size() > kMost ? text + ", ..." : text;
}

/// The run that --run names, by its method or by its place.
const Document& choose(const std::vector<Document>& documents, const std::string& wanted) {
  std::vector<const Document*> found;
  for (size_t i = 0; i < documents.size(); ++i)
    if (wanted.empty() || wanted == documents[i].run.method || wanted == std::to_string(i + 1))
      found.push_back(&documents[i]);
  if (found.size() == 1) return *found.front();
  if (found.empty())
    throw Error(ExitStatus::usage, fmt::format("no run '{}'; there are: {}", wanted, list(documents)),
                "zctrace chart --run METHOD, or --run with its number");
  throw Error(ExitStatus::usage, fmt::format("this picture shows one run, and there are: {}", list(documents)),
              "choose one with --run METHOD or --run NUMBER");
}

std::string draw(const ChartOptions& options, const std::vector<Document>& documents) {
  const auto& chosen = choose(documents, options.run);
  return diagram::flow(chosen.run, chosen.ledger, options.look);
}

void chart(ChartOptions& options) {
  options.look.language = chosen_language();
  const auto svg = draw(options, read(options));
  if (options.output.empty() || options.output == "-") {
    std::fwrite(svg.data(), 1, svg.size(), stdout);
    return;
  }
  keep_recordings(options.output, options.files);
  OutputFile file(options.output);
  file.write(svg);
  file.commit();
}

/// An option that takes one of the words of `choices`.
template <class Value>
void add_choice(CLI::App& command, const std::string& name, Value& value, const std::map<std::string, Value>& choices,
                const std::string& says) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  command
      .add_option_function<std::string>(
          name, [&value, &choices](const std::string& word) { value = choices.at(word); }, says)
      ->check(CLI::IsMember(words).description(""));
}

}  // namespace

void add_chart(CLI::App& app) {
  auto* chart_command = app.add_subcommand("chart", "A picture of the runs of a timeline file, as SVG");
  const auto options = std::make_shared<ChartOptions>();
  chart_command->add_option("FILE", options->files, "timeline documents, - for standard input")->required();
  add_choice(*chart_command, "--kind", options->kind, kKinds, "flow (default)");
  chart_command->add_option("--run", options->run, "which run, where there are several: its METHOD or its number");
  add_choice(*chart_command, "--theme", options->look.theme, kThemes, "light, dark, or as the viewer prefers (auto)");
  add_choice(*chart_command, "--form", options->look.form, kForms, "wide (960 px, default) or narrow (390 px)");
  chart_command->add_option("-o,--output", options->output, "the file to write; else standard output");
  chart_command->callback([options] { chart(*options); });
}

}  // namespace zctrace::commands
