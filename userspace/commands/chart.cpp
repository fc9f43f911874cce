#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/output_file.h"
#include "base/text.h"
#include "model/summary/sentences.h"
#include "model/timeline/json_read.h"
#include "userspace/commands/chart/film.h"
#include "userspace/commands/chart/raster.h"
#include "viz/diagram/animate.h"
#include "viz/diagram/comparison.h"
#include "viz/diagram/flow.h"
#include "viz/diagram/sequence.h"

namespace zctrace::commands {
namespace {

using diagram::Form;
using diagram::Span;
using diagram::Theme;
using timeline::Recording;

enum class Kind { flow, sequence, comparison };

const std::vector<std::pair<std::string, Kind>> kKinds{
    {"flow", Kind::flow}, {"sequence", Kind::sequence}, {"comparison", Kind::comparison}};
const std::vector<std::pair<std::string, Span>> kSpans{{"chunk", Span::chunk}, {"whole", Span::whole}};
const std::vector<std::pair<std::string, Theme>> kThemes{
    {"light", Theme::light}, {"dark", Theme::dark}, {"auto", Theme::automatic}};
const std::vector<std::pair<std::string, Form>> kForms{
    {"wide", Form::wide}, {"narrow", Form::narrow}, {"slide", Form::slide}};

struct ChartOptions {
  std::vector<std::string> files;
  Kind kind = Kind::flow;
  std::optional<Span> span;
  std::string run, output;
  bool animate = false;
  diagram::Options look;
};

/// All runs of the files; with their events for pictures that show them, or their order.
std::vector<Recording> read(const ChartOptions& options) {
  using timeline::DocumentReader;
  const auto keep = options.kind == Kind::comparison ? DocumentReader::Keep::head : DocumentReader::Keep::all;
  std::vector<Recording> documents;
  for (const auto& file : options.files) {
    DocumentReader reader(file);
    for (Recording document; reader.next(document, keep);) documents.push_back(std::move(document));
  }
  return documents;
}

/// "1 read + write, 2 splice"
std::string list(const std::vector<Recording>& documents) {
  constexpr size_t kMost = 12;
  std::string text;
  for (size_t i = 0; i < documents.size() && i < kMost; ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", i + 1,
                        fit(summary::full_title(documents[i].run, Language::english), 40));
  return documents.size() > kMost ? text + ", ..." : text;
}

/// The run that --run names, by its method or by its place.
const Recording& choose(const std::vector<Recording>& documents, const std::string& wanted) {
  std::vector<const Recording*> found;
  for (size_t i = 0; i < documents.size(); ++i)
    if (wanted.empty() || wanted == documents[i].run.method || wanted == std::to_string(i + 1))
      found.push_back(&documents[i]);
  if (found.size() == 1) return *found.front();
  if (found.empty())
    throw Error(ExitStatus::usage, fmt::format("no run '{}'; the runs are: {}", wanted, list(documents)),
                "choose one with --run METHOD or --run NUMBER");
  throw Error(ExitStatus::usage,
              fmt::format("this diagram shows one run, and the recordings hold several: {}", list(documents)),
              "choose one with --run METHOD or --run NUMBER");
}

bool is_png(const ChartOptions& options) { return options.output.ends_with(".png"); }

/// The bytes of the file.
std::string draw(const ChartOptions& options, const std::vector<Recording>& documents) {
  if (options.kind == Kind::comparison) {
    std::vector<timeline::Measured> runs;
    for (const auto& document : documents) runs.push_back({document.run, document.ledger});
    return diagram::comparison(runs, options.look);
  }
  const auto& chosen = choose(documents, options.run);
  if (options.kind == Kind::sequence)
    return diagram::Sequence(chosen).draw(options.span.value_or(Span::chunk), options.look);
  if (options.animate) {
    const diagram::AnimatedFlow flow(chosen, options.look);
    return is_film(options.output) ? film(flow, options.output) : flow.moving();
  }
  return diagram::flow(chosen.run, chosen.ledger, options.look,
                       diagram::first_round(chosen, diagram::choose(chosen)));
}

/// An option that the chosen picture has no use for is a mistake, not to be passed over in silence.
void check(const ChartOptions& options) {
  if (options.span && options.kind != Kind::sequence)
    throw Error(ExitStatus::usage, "--span applies to the sequence diagram only", "add --kind sequence");
  if (!options.run.empty() && options.kind == Kind::comparison)
    throw Error(ExitStatus::usage, "--run does not apply to a comparison, which shows all runs",
                "name only the files to compare");
  if (options.look.form == Form::slide && (options.kind == Kind::sequence || options.animate))
    throw Error(ExitStatus::usage, "there is no slide of a sequence, nor one that moves", "leave --form away");
  if (options.animate && options.kind != Kind::flow)
    throw Error(ExitStatus::usage, "the data path alone can move", "leave --kind away");
  if (options.animate && is_png(options))
    throw Error(ExitStatus::usage, "a PNG does not move", "name it NAME.svg, NAME.mp4 or NAME.gif");
  for (const std::string_view other : {".pdf", ".eps", ".jpg", ".jpeg", ".webp", ".webm", ".mov", ".html"})
    if (options.output.ends_with(other))
      throw Error(ExitStatus::usage, fmt::format("'{}': chart draws SVG, PNG, MP4 and GIF", options.output),
                  other == ".html" ? "zctrace report makes a page" : "name it NAME.svg or NAME.png");
}

void chart(ChartOptions& options) {
  options.animate = options.animate || is_film(options.output);
  check(options);
  options.look.language = chosen_language();
  // Pixels cannot follow what their viewer prefers.
  if ((is_png(options) || is_film(options.output)) && options.look.theme == Theme::automatic)
    options.look.theme = Theme::light;
  const bool to_stdout = options.output.empty() || options.output == "-";
  if (!to_stdout) {
    check_place(options.output, "-o");
    keep_recordings(options.output, options.files);
  }
  const auto drawn = draw(options, read(options));
  if (to_stdout) {
    std::fwrite(drawn.data(), 1, drawn.size(), stdout);
    return;
  }
  OutputFile file(options.output);
  file.write(is_png(options) ? Raster(2, "have an SVG: -o NAME.svg").png(drawn) : drawn);
  file.commit();
}

}  // namespace

void add_chart(Command& program) {
  Command chart_command = program.subcommand("chart", "Draw a recorded run as an SVG diagram, a PNG or a film.");
  const auto options = std::make_shared<ChartOptions>();
  chart_command.option("FILE", options->files, "Recordings to draw; - reads standard input.").required();
  chart_command
      .choice("--kind", options->kind, kKinds,
              "Draw the data path (flow), one run over time (sequence) or all runs side by side (comparison).")
      .value_name("KIND");
  chart_command.option("--run", options->run, "Choose one of several runs by its method or its number.")
      .value_name("RUN");
  chart_command
      .choice("--theme", options->look.theme, kThemes, "Use light or dark colours, or what the viewer prefers (auto).")
      .value_name("THEME");
  chart_command
      .choice("--form", options->look.form, kForms,
              "Draw for screens (wide, 960 px), phones (narrow, 390 px) or slides (slide, 16:9, few words).")
      .value_name("FORM");
  chart_command.choice("--span", options->span, kSpans, "Show the median chunk or the whole run of a sequence.")
      .value_name("SPAN")
      .default_text("chunk");
  chart_command.flag("--animate", options->animate,
                     "Play the recorded events on the data path: an SVG that moves without a script, or a film.");
  chart_command
      .option("-o,--output", options->output,
              "Write to FILE (default: standard output); a PNG where its name ends in .png, a film in .mp4 or .gif.")
      .value_name("FILE");
  chart_command.footer(
      "Examples:\n  zctrace chart a.json -o a.svg\n  zctrace chart a.json --kind sequence --span whole -o a.svg\n"
      "  zctrace chart a.json b.json --kind comparison -o both.svg\n"
      "  zctrace chart a.json --form slide -o a.png\n"
      "  zctrace chart a.json --animate -o a.svg\n  zctrace chart a.json --animate -o a.mp4");
  chart_command.on_call([options] { chart(*options); });
}

}  // namespace zctrace::commands
