#include "userspace/commands/claims.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "userspace/commands/choose_kernel.h"
#include "userspace/commands/experiments.h"
#include "userspace/commands/output_file.h"
#include "userspace/documents/claims_json.h"
#include "userspace/documents/experiments.h"
#include "userspace/documents/judge.h"
#include "userspace/error.h"
#include "userspace/export/claims_explain.h"
#include "userspace/export/claims_list.h"
#include "userspace/lab/cache.h"
#include "userspace/language/texts.h"
#include "viz/page/page.h"

namespace zctrace::commands {

namespace {

namespace fs = std::filesystem;
using documents::ClaimData;

struct ClaimsOptions {
  std::vector<std::string> documents, ids, kernels;
  std::string from, report;
  bool json = false, fresh = false, explain = false;

  bool chosen() const { return !documents.empty() || !ids.empty(); }
};

/// The claims that were asked for.
ClaimData choose(const ClaimsOptions& options) {
  ClaimData data = documents::claim_data();
  const auto known = [](const auto& list, const std::string& wanted, const char* what) {
    if (std::ranges::any_of(list, [&](const auto& each) { return each.id == wanted; })) return;
    std::string ids;
    for (const auto& each : list) ids += (ids.empty() ? "" : ", ") + each.id;
    throw Error(ExitStatus::usage, fmt::format("there is no {} '{}'; there are {}", what, wanted, ids),
                "zctrace claims");
  };
  for (const auto& id : options.documents) known(data.documents, id, "document");
  for (const auto& id : options.ids) known(data.claims, id, "claim");
  const auto among = [](const std::vector<std::string>& list, const std::string& wanted) {
    return std::ranges::find(list, wanted) != list.end();
  };
  if (!options.ids.empty())
    std::erase_if(data.claims, [&](const auto& claim) { return !among(options.ids, claim.id); });
  if (!options.documents.empty()) {
    std::erase_if(data.claims, [&](const auto& claim) {
      return std::ranges::none_of(claim.documents, [&](const auto& id) { return among(options.documents, id); });
    });
    std::erase_if(data.documents, [&](const auto& document) { return !among(options.documents, document.id); });
    std::erase_if(data.tables, [&](const auto& table) { return !among(options.documents, table.document); });
    // Of a claim that several documents make, those that were asked for.
    for (auto& claim : data.claims)
      std::erase_if(claim.documents, [&](const auto& id) { return !among(options.documents, id); });
  }
  if (data.claims.empty()) throw Error(ExitStatus::usage, "no claim is in all that was asked for", "zctrace claims");
  return data;
}

/// What the claims rest on, and the runs of the documents' tables.
ExperimentList needed(const ClaimData& data, bool tables) {
  std::set<std::string> names;
  const auto add = [&](const documents::Claim& claim) {
    for (auto& name : documents::experiments_of(claim)) names.insert(std::move(name));
  };
  for (const auto& claim : data.claims) add(claim);
  if (tables)
    for (const auto& table : data.tables)
      for (const auto& claim : documents::claim_data().claims)
        if (std::ranges::find(table.rows, claim.id, &documents::MethodClaim::id) != table.rows.end()) add(claim);
  ExperimentList list;
  for (const auto& experiment : documents::experiments())
    if (names.contains(std::string(experiment.name))) list.push_back(&experiment);
  return list;
}

/// Where the results of a kernel are kept; another zctrace may measure otherwise.
fs::path kept_folder(const std::string& kernel) {
  std::string release = kernel;
  if (release.empty()) {
    utsname name;
    uname(&name);
    release = name.release;
  }
  return lab::cache_folder() / "claims" / ZCTRACE_VERSION / (release + (kernel.empty() ? ".host" : ".lab"));
}

/// What was timed on this machine's own CPU is the same for every lab kernel. Returns the experiments' names.
std::set<std::string_view> share_timed(const fs::path& from, const fs::path& to) {
  const documents::Results results(from);
  std::set<std::string_view> shared;
  for (const auto& experiment : documents::experiments()) {
    const auto* program = experiment.timed ? results.program(experiment.name) : nullptr;
    if (!program || program->at("kernel").at("where") != "host") continue;
    const std::string file = std::string(experiment.name) + ".json";
    std::error_code error;  // then it is measured again
    if (fs::copy_file(from / file, to / file, fs::copy_options::overwrite_existing, error))
      shared.insert(experiment.name);
  }
  return shared;
}

/// The folder with all results that there can be on this kernel. `before`: that of a kernel just measured, or empty.
fs::path results_on(const std::string& wanted, const ExperimentList& experiments, const ClaimsOptions& options,
                    const fs::path& before) {
  const bool quiet = options.json && !isatty(STDERR_FILENO);
  const std::string kernel = choose_kernel(wanted, capture::CopyMode::exact, false, quiet);
  const fs::path folder = kept_folder(kernel);
  lab::make_writable(folder);
  Progress progress;
  const lab::FileLock lock(folder / ".lock");
  std::set<std::string_view> shared;
  if (!before.empty() && before != folder) shared = share_timed(before, folder);
  // What is measured anew need not even be readable.
  const documents::Results kept = options.fresh && before != folder ? documents::Results() : documents::Results(folder);
  ExperimentList missing;
  for (const auto* experiment : experiments)
    if (!experiment->given && !kept.has(experiment->name) && !shared.contains(experiment->name))
      missing.push_back(experiment);
  if (!missing.empty()) measure(kernel, missing, folder, progress);
  return folder;
}

/// A folder that somebody else filled.
fs::path given_folder(const std::string& from) {
  std::error_code error;
  if (!fs::is_directory(from, error))
    throw Error(ExitStatus::failed, from + " is not a folder", "zctrace run all -o FOLDER makes one to judge");
  return from;
}

void write_report(const ClaimsOptions& options, const std::vector<documents::Judgment>& judgments,
                  const documents::Results& results, const fs::path& folder) {
  std::vector<std::string> files, experiments;
  for (const auto& experiment : documents::experiments()) {
    if (!results.traced(experiment.name)) continue;
    experiments.emplace_back(experiment.name);
    files.push_back((folder / (experiments.back() + ".json")).string());
  }
  if (files.empty()) throw Error(ExitStatus::failed, "no run was measured: there is nothing to draw", "zctrace doctor");
  keep_recordings(options.report, files);
  Progress progress;
  OutputFile page(options.report);
  page::Settings settings{chosen_language(), ZCTRACE_VERSION,
                          [&](const std::string& stage, double percent) { progress.show(stage, percent); }};
  settings.claims = judgments;
  settings.experiments = experiments;
  page::write_page(page.stream(), files, settings);
  page.commit();
}

void print_json(const std::vector<documents::Judgment>& judgments) {
  nlohmann::ordered_json json = documents::to_json(judgments.front(), chosen_language());
  if (judgments.size() > 1) {
    json = {{"kernels", nlohmann::ordered_json::array()}};
    for (const auto& each : judgments) json["kernels"].push_back(documents::to_json(each, chosen_language()));
  }
  const std::string text = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  fmt::print("{}\n", text);
}

void print(const ClaimsOptions& options, const std::vector<documents::Judgment>& judgments,
           const documents::Results& results, const fs::path& folder) {
  const exports::Style style = exports::style_of(stdout);
  std::string text;
  if (judgments.size() > 1) {
    text = exports::claims_by_kernel(judgments, style);
  } else if (options.explain) {
    documents::Judgment one = judgments.front();
    for (const auto& claim : judgments.front().claims) {
      one.claims = {claim};
      text += (text.empty() ? "" : "\n") + exports::claims_details(one, style) +
              exports::explain(claim, results, folder, style);
    }
  } else if (options.chosen()) {
    text = exports::claims_details(judgments.front(), style);
  } else {
    text = exports::claims_list(judgments.front(), !isatty(STDOUT_FILENO), style);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void claims(const ClaimsOptions& options) {
  const ClaimData data = choose(options);
  if (!options.from.empty() && (!options.kernels.empty() || options.fresh))
    throw Error(ExitStatus::usage, "--from reads what was measured, --kernel and --fresh measure",
                "zctrace claims --from FOLDER");
  if (!options.report.empty()) check_place(options.report, "--report");
  const ExperimentList experiments = needed(data, !options.report.empty());
  std::vector<documents::Judgment> judgments;
  documents::Results first;
  fs::path first_folder;
  const std::vector<std::string> kernels = options.kernels.empty() ? std::vector<std::string>{"auto"} : options.kernels;
  for (const std::string& kernel : kernels) {
    const fs::path folder =
        options.from.empty() ? results_on(kernel, experiments, options, first_folder) : given_folder(options.from);
    documents::Results results(folder);
    judgments.push_back(documents::judge(data, results));
    if (judgments.size() > 1) continue;
    first = std::move(results);
    first_folder = folder;
  }
  if (!options.report.empty()) write_report(options, judgments, first, first_folder);
  if (options.json)
    print_json(judgments);
  else
    print(options, judgments, first, first_folder);
}

}  // namespace

void add_claims(CLI::App& app) {
  CLI::App* command = app.add_subcommand("claims", "the documents' claims: claimed, measured, verdict, evidence");
  auto options = std::make_shared<ClaimsOptions>();
  command->add_option("--document", options->documents, "those of a document: 000 to 004")->delimiter(',');
  command->add_option("--id", options->ids, "a claim: P1")->delimiter(',');
  command->add_flag("--explain", options->explain, "the experiments, counts and rules behind each verdict");
  command->add_option("--kernel", options->kernels, "auto, host, or lab kernels side by side: 5.10,6.1,6.12,7.2")
      ->delimiter(',');
  command->add_flag("--fresh", options->fresh, "measure anew; else what was measured before is used again");
  command->add_option("--from", options->from, "judge the documents in this folder; nothing is measured");
  command->add_option("--report", options->report, "the claims and their runs as a self-contained page (HTML)");
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options] { claims(*options); });
}

}  // namespace zctrace::commands
