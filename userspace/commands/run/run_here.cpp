#include <cstdio>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/output_file.h"
#include "base/units.h"
#include "model/timeline/check.h"
#include "model/timeline/json_write.h"
#include "model/timeline/names.h"
#include "userspace/commands/run/deliver.h"
#include "userspace/commands/run/options.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/confine/privileges.h"
#include "userspace/record/cpu_passes.h"
#include "userspace/record/measurement.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

namespace {

/// What cannot be written is still shown.
void deliver(const RunOptions& options, const timeline::Document& document, RunPictures& pictures, ReportPage& page,
             Expectations& expectations) {
  std::exception_ptr unwritten;
  if (const std::string path = output_path(options, document.run.method); !path.empty()) {
    try {
      OutputFile file(path);
      timeline::write_document(file.stream(), document);
      file.commit();
    } catch (const Error& error) {
      const bool named = std::string(error.what()).find(path) != std::string::npos;
      unwritten = named ? std::current_exception()
                        : std::make_exception_ptr(Error(error.status, "cannot write " + path + ": " + error.what(),
                                                        "choose another place with -o"));
    }
  }
  if (options.json && options.progress_lines) write_record(stdout, [&] { timeline::write_document(stdout, document); });
  const bool print = options.json && !options.progress_lines;
  if (print || page.wanted()) {
    auto copy = std::make_unique<OutputFile>("");
    timeline::write_document(copy->stream(), document);
    std::fflush(copy->stream());
    if (print) print_document(options, *copy);
    page.add(std::move(copy));
  }
  pictures.add(document.run, document.ledger);
  expectations.check(document);
  if (unwritten) std::rethrow_exception(unwritten);
}

/// Two counts of each copy, and the timeline against the ledger. Nothing where all agree.
std::optional<Error> disagreement(const timeline::Document& document) {
  const timeline::Run& run = document.run;
  for (const timeline::CrossCheck& row : run.evidence.cross_check) {
    if (row.agree()) continue;
    const auto count = [](uint64_t bytes, const std::string& function) {
      return format_count(bytes) + " bytes at " + (function.empty() ? "no hook" : function);
    };
    return Error(ExitStatus::failed,
                 "the two counts of copies disagree (" + run.method + ", " + std::string(text(row.side)) + ", " +
                     std::string(text(row.from)) + " to " + std::string(text(row.to)) + "): " +
                     count(row.breakpoint_bytes, row.by_breakpoint) + ", " + count(row.ftrace_bytes, row.by_ftrace),
                 "neither is shown as measured; zctrace doctor shows what can be measured on this kernel");
  }
  if (const std::vector<std::string> problems = timeline::check(document); !problems.empty())
    return Error(ExitStatus::failed, "timeline and ledger disagree (" + run.method + "): " + problems.front(),
                 "please report this with the recording (-o FILE.json)");
  return {};
}

}  // namespace

void run_here(const RunOptions& options, RunPictures& pictures, ReportPage& page, Expectations& expectations) {
  terminal::Progress progress(options.progress_lines ? terminal::Progress::Form::lines
                                                     : terminal::Progress::Form::terminal);
  const InterruptGuard guard;
  // Before anything is hooked: hooks would be found in it.
  std::map<std::string, timeline::CpuCost> costs;
  if (options.cpu)
    for (const std::string& name : options.methods)
      costs.emplace(name, record::sample_cpu(options, *workloads::find_method(name), progress));
  record::MeasurementOptions asked = options;
  for (const std::string& name : options.methods) asked.hook_for(*workloads::find_method(name));
  record::Measurement measurement(asked, progress);
  record::stop_if_interrupted();
  bool failed = false;
  for (const std::string& name : options.methods) {
    timeline::Document document;
    const std::exception_ptr failure = measurement.run(options, *workloads::find_method(name), document);
    if (&name == &options.methods.back())
      confine::confine({.places = {output_path(options, name), options.report, expectations.junit()}});
    if (const auto cost = costs.find(name); cost != costs.end()) document.ledger.cpu_cost = std::move(cost->second);
    progress.clear();
    deliver(options, document, pictures, page, expectations);
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const record::Interrupted&) {
      throw Error(ExitStatus::interrupted, "interrupted: figures cover the run up to that point");
    }
    // It spoils this run, which is delivered and says so, and not those that follow.
    if (const auto error = disagreement(document)) {
      failed = true;
      std::fprintf(stderr, "zctrace: %s\n  hint: %s\n", error->what(), error->hint.c_str());
    }
  }
  if (failed) throw ExitWith{ExitStatus::failed};
}

}  // namespace zctrace::commands
