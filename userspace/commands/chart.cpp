#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/text.h"
#include "model/summary/sentences.h"
#include "model/timeline/json_read.h"
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

std::string draw(const ChartOptions& options, const std::vector<Recording>& documents) {
  if (options.kind == Kind::comparison) {
    std::vector<timeline::Measured> runs;
    for (const auto& document : documents) runs.push_back({document.run, document.ledger});
    return diagram::comparison(runs, options.look);
  }
  const auto& chosen = choose(documents, options.run);
  if (options.kind == Kind::sequence)
    return diagram::Sequence(chosen).draw(options.span.value_or(Span::chunk), options.look);
  if (options.animate) return diagram::animated_flow(chosen, options.look);
  return diagram::flow(chosen.run, chosen.ledger, options.look,
                       diagram::first_round(chosen, diagram::choose(chosen)));
}

bool is_png(const ChartOptions& options) { return options.output.ends_with(".png"); }

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
    throw Error(ExitStatus::usage, "--animate applies to the data path only", "leave --kind away");
  if (options.animate && is_png(options))
    throw Error(ExitStatus::usage, "a PNG does not move", "have an SVG: -o NAME.svg");
}

/// By librsvg, twice as large as the SVG says: for slides and reports.
std::string png_of(const std::string& svg) {
  const auto program = find_program("rsvg-convert");
  if (program.empty())
    throw Error(ExitStatus::failed, "a PNG is made by rsvg-convert, which is missing",
                "apt-get install librsvg2-bin, or have an SVG: -o NAME.svg");
  OutputFile file("");
  file.write(svg);
  file.commit();
  rewind(file.stream());
  Finished made = run_program({.command = {program, "--zoom", "2"}, .fds = {{fileno(file.stream()), STDIN_FILENO}}});
  if (made.status != 0) throw Error(ExitStatus::failed, "rsvg-convert: " + made.err.substr(0, made.err.find('\n')));
  return std::move(made.out);
}

void chart(ChartOptions& options) {
  check(options);
  options.look.language = chosen_language();
  // A PNG cannot follow what its viewer prefers.
  if (is_png(options) && options.look.theme == Theme::automatic) options.look.theme = Theme::light;
  const auto svg = draw(options, read(options));
  if (options.output.empty() || options.output == "-") {
    std::fwrite(svg.data(), 1, svg.size(), stdout);
    return;
  }
  keep_recordings(options.output, options.files);
  OutputFile file(options.output);
  file.write(is_png(options) ? png_of(svg) : svg);
  file.commit();
}

}  // namespace

void add_chart(Command& program) {
  Command chart_command = program.subcommand("chart", "Draw a recorded run as an SVG diagram, or as a PNG.");
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
                     "Play the recorded events on the data path: an SVG that moves, without a script.");
  chart_command
      .option("-o,--output", options->output,
              "Write to FILE (default: standard output); a PNG where its name ends in .png.")
      .value_name("FILE");
  chart_command.footer(
      "Examples:\n  zctrace chart a.json -o a.svg\n  zctrace chart a.json --kind sequence --span whole -o a.svg\n"
      "  zctrace chart a.json b.json --kind comparison -o both.svg\n"
      "  zctrace chart a.json --form slide -o a.png\n"
      "  zctrace chart a.json --animate -o a.svg");
  chart_command.on_call([options] { chart(*options); });
}

}  // namespace zctrace::commands
