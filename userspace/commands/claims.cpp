#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/output_file.h"
#include "model/claims/claims_json.h"
#include "model/claims/experiments.h"
#include "model/claims/judge.h"
#include "model/language/texts.h"
#include "viz/page/page.h"
#include "viz/terminal/claims_explain.h"
#include "viz/terminal/claims_list.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

namespace {

namespace fs = std::filesystem;
using claims::ClaimData;

struct ClaimsOptions {
  std::vector<std::string> textbooks, ids, kernels;
  std::string from, report;
  bool json = false, fresh = false, explain = false;

  bool chosen() const { return !textbooks.empty() || !ids.empty(); }
};

/// The claims that were asked for.
ClaimData choose(const ClaimsOptions& options) {
  ClaimData data = claims::claim_data();
  const auto known = [](const auto& list, const std::string& wanted, const char* what) {
    if (std::ranges::any_of(list, [&](const auto& each) { return each.id == wanted; })) return;
    std::string ids;
    for (const auto& each : list) ids += (ids.empty() ? "" : ", ") + each.id;
    throw Error(ExitStatus::usage, fmt::format("there is no {} '{}'; known: {}", what, wanted, ids), "zctrace claims");
  };
  for (const auto& id : options.textbooks) known(data.textbooks, id, "textbook");
  for (const auto& id : options.ids) known(data.claims, id, "claim");
  const auto among = [](const std::vector<std::string>& list, const std::string& wanted) {
    return std::ranges::find(list, wanted) != list.end();
  };
  if (!options.ids.empty())
    std::erase_if(data.claims, [&](const auto& claim) { return !among(options.ids, claim.id); });
  if (!options.textbooks.empty()) {
    std::erase_if(data.claims, [&](const auto& claim) {
      return std::ranges::none_of(claim.textbooks, [&](const auto& id) { return among(options.textbooks, id); });
    });
    std::erase_if(data.textbooks, [&](const auto& textbook) { return !among(options.textbooks, textbook.id); });
    std::erase_if(data.tables, [&](const auto& table) { return !among(options.textbooks, table.textbook); });
    // Of a claim that several textbooks make, those that were asked for.
    for (auto& claim : data.claims)
      std::erase_if(claim.textbooks, [&](const auto& id) { return !among(options.textbooks, id); });
  }
  if (data.claims.empty())
    throw Error(ExitStatus::usage, "no claim matches all of the given options", "zctrace claims");
  return data;
}

/// What the claims rest on, and the runs of the textbooks' tables.
claims::ExperimentList needed(const ClaimData& data, bool tables) {
  std::set<std::string> names;
  const auto add = [&](const claims::Claim& claim) {
    for (auto& name : claims::experiments_of(claim)) names.insert(std::move(name));
  };
  for (const auto& claim : data.claims) add(claim);
  if (tables)
    for (const auto& table : data.tables)
      for (const auto& claim : claims::claim_data().claims)
        if (std::ranges::find(table.rows, claim.id, &claims::MethodClaim::id) != table.rows.end()) add(claim);
  claims::ExperimentList list;
  for (const auto& experiment : claims::experiments())
    if (names.contains(std::string(experiment.name))) list.push_back(&experiment);
  return list;
}

/// A folder that somebody else filled.
fs::path given_folder(const std::string& from) {
  std::error_code error;
  if (!fs::is_directory(from, error))
    throw Error(ExitStatus::failed, from + " is not a directory", "record one with zctrace run all -o DIR");
  return from;
}

void write_report(const ClaimsOptions& options, const std::vector<claims::Judgment>& judgments,
                  const claims::Results& results) {
  std::vector<std::string> files, experiments;
  for (const auto& experiment : claims::experiments()) {
    if (!results.traced(experiment.name)) continue;
    experiments.emplace_back(experiment.name);
    files.push_back(results.file(experiment.name).string());
  }
  if (files.empty())
    throw Error(ExitStatus::failed, "no run was measured, so there is nothing to draw", "zctrace doctor");
  keep_recordings(options.report, files);
  terminal::Progress progress;
  OutputFile page(options.report);
  page::Settings settings{chosen_language(), ZCTRACE_VERSION,
                          [&](const Message& stage, double percent) { progress.show(stage, percent); }};
  settings.claims = judgments;
  settings.experiments = experiments;
  page::write_page(page.stream(), files, settings);
  page.commit();
}

void print_json(const std::vector<claims::Judgment>& judgments) {
  nlohmann::ordered_json json = claims::to_json(judgments.front(), chosen_language());
  if (judgments.size() > 1) {
    json = {{"kernels", nlohmann::ordered_json::array()}};
    for (const auto& each : judgments) json["kernels"].push_back(claims::to_json(each, chosen_language()));
  }
  const std::string text = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  fmt::print("{}\n", text);
}

void print(const ClaimsOptions& options, const std::vector<claims::Judgment>& judgments, const claims::Results& results) {
  const terminal::Style style = terminal::style_of(stdout);
  std::string text;
  if (judgments.size() > 1) {
    text = terminal::claims_by_kernel(judgments, style);
  } else if (options.explain) {
    claims::Judgment one = judgments.front();
    for (const auto& claim : judgments.front().claims) {
      one.claims = {claim};
      text += (text.empty() ? "" : "\n") + terminal::claims_details(one, style) +
              terminal::explain(claim, results, style);
    }
  } else if (options.chosen()) {
    text = terminal::claims_details(judgments.front(), style);
  } else {
    text = terminal::claims_list(judgments.front(), !isatty(STDOUT_FILENO), style);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void claims(const ClaimsOptions& options, const ClaimsResults& results_on) {
  const ClaimData data = choose(options);
  if (!options.from.empty() && (!options.kernels.empty() || options.fresh))
    throw Error(ExitStatus::usage, "--from uses existing recordings and cannot be combined with --kernel or --fresh",
                "zctrace claims --from DIR");
  if (options.from.empty() && !results_on)
    throw Error(ExitStatus::failed, "this zctrace was built without libbpf and cannot measure",
                "zctrace claims --from DIR");
  if (!options.report.empty()) check_place(options.report, "--report");
  const bool quiet = options.json && !isatty(STDERR_FILENO);
  const claims::ExperimentList experiments = needed(data, !options.report.empty());
  std::vector<claims::Judgment> judgments;
  claims::Results first;
  fs::path first_folder;
  const std::vector<std::string> kernels = options.kernels.empty() ? std::vector<std::string>{"auto"} : options.kernels;
  for (const std::string& kernel : kernels) {
    const fs::path folder = options.from.empty() ? results_on({kernel, experiments, options.fresh, quiet, first_folder})
                                                 : given_folder(options.from);
    claims::Results results(folder);
    judgments.push_back(claims::judge(data, results));
    if (judgments.size() > 1) continue;
    first = std::move(results);
    first_folder = folder;
  }
  if (!options.report.empty()) write_report(options, judgments, first);
  if (options.json)
    print_json(judgments);
  else
    print(options, judgments, first);
}

}  // namespace

void add_claims(Command& program, const ClaimsResults& results_on) {
  Command command =
      program.subcommand("claims", "Test what textbooks and others claim: claimed, measured, verdict, evidence.");
  auto options = std::make_shared<ClaimsOptions>();
  command.option("--textbook", options->textbooks, "Test the claims of these textbooks only, 000 to 004; 005: what else is said.")
      .value_name("ID,...")
      .separated_by(',');
  command.option("--document", options->textbooks).separated_by(',').hidden();  // its name until 0.1
  command.option("--id", options->ids, "Test these claims only, such as P1.").value_name("ID,...").separated_by(',');
  command.flag("--explain", options->explain, "Show the experiments, counts and rules behind each verdict.");
  command.option("--kernel", options->kernels, "Measure on auto, host, or lab kernels side by side: 5.10,6.1,6.12,7.2.")
      .value_name("KERNEL,...")
      .default_text("auto")
      .separated_by(',');
  command.flag("--fresh", options->fresh, "Measure again instead of using cached results.");
  command.option("--from", options->from, "Judge the recordings in DIR; measure nothing.").value_name("DIR");
  command.option("--report", options->report, "Write the claims and their runs as a self-contained HTML page.")
      .value_name("FILE");
  command.flag("--json", options->json, "Print JSON.");
  command.footer(
      "Examples:\n  zctrace claims\n  zctrace claims --id P1 --explain\n  zctrace claims --kernel 5.10,7.2 --report "
      "claims.html");
  command.on_call([options, results_on] { claims(*options, results_on); });
}

}  // namespace zctrace::commands
