#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/output_file.h"
#include "model/timeline/json_read.h"
#include "userspace/export/exporter.h"

namespace zctrace::commands {
namespace {

struct ExportOptions {
  std::vector<std::string> files;
  std::string format, output;
};

const exports::Format& chosen_format(const ExportOptions& options) {
  if (!options.format.empty()) return *exports::format_named(options.format);
  if (const auto* format = exports::format_of(options.output)) return *format;
  if (options.output.empty())
    throw Error(ExitStatus::usage, "no format given", "zctrace export FILE.json --format perfetto|chrome|csv|folded");
  std::string endings;
  for (const auto& format : exports::formats())
    endings += fmt::format("{}{} ({})", endings.empty() ? "" : ", ", format.ending, format.name);
  throw Error(ExitStatus::usage, fmt::format("cannot infer the format from \"{}\"", options.output),
              fmt::format("add --format perfetto|chrome|csv|folded, or use one of the endings {}", endings));
}

void export_all(const ExportOptions& options, const exports::Format& format, exports::Output output) {
  using Keep = timeline::DocumentReader::Keep;
  const auto exporter = format.make(std::move(output));
  for (const auto& file : options.files) {
    timeline::DocumentReader reader(file);
    for (timeline::Recording document; reader.next(document, format.events ? Keep::all : Keep::head);)
      exporter->add(document, file);
  }
  exporter->finish();
}

void export_runs(const ExportOptions& options) {
  const auto& format = chosen_format(options);
  if (!options.output.empty()) {
    keep_recordings(options.output, options.files);
    OutputFile file(options.output);
    export_all(options, format, [&](std::string_view bytes) { file.write(bytes); });
    return file.commit();
  }
  if (format.binary && isatty(STDOUT_FILENO))
    throw Error(ExitStatus::usage, fmt::format("{} is binary and is not written to a terminal", format.name),
                fmt::format("write a file with -o NAME{}", format.ending));
  export_all(options, format, [](std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
      throw Error(ExitStatus::failed, std::string("cannot write standard output: ") + std::strerror(errno));
  });
}

}  // namespace

void add_export(Command& program) {
  Command command = program.subcommand("export", "Convert recordings for other programs.");
  const auto options = std::make_shared<ExportOptions>();
  command.option("FILE", options->files, "Recordings to convert; - reads standard input.").required();
  std::vector<std::string> names;
  std::string footer = "Formats:\n";
  for (const auto& format : exports::formats()) {
    names.emplace_back(format.name);
    footer += fmt::format("  {:<10} {:<12} for {}\n", format.name, format.ending, format.readers);
  }
  command.option("--format", options->format, "Write perfetto, chrome, csv or folded (default: by the ending of FILE).")
      .value_name("FORMAT")
      .one_of(names);
  command.option("-o,--output", options->output, "Write to FILE (default: standard output).").value_name("FILE");
  command.footer(footer +
                 "In CSV, text that a spreadsheet would take for a formula (=, +, -, @) is prefixed with '.\n"
                 "\nExamples:\n  zctrace export a.json -o a.pftrace\n  zctrace export a.json b.json --format csv\n"
                 "  zctrace export a.json -o a.folded");
  command.on_call([options] {
    if (options->output == "-") options->output.clear();
    export_runs(*options);
  });
}

}  // namespace zctrace::commands
