#include "model/claims/results.h"

#include <cstdio>

#include "base/error.h"
#include "model/claims/experiments.h"
#include "model/timeline/byte_source.h"
#include "model/timeline/json_read.h"

namespace zctrace::claims {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view kProgramSchema = "zctrace.experiment/1";

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ExitStatus::failed, file.string() + ": " + what, "measure it again: zctrace claims --fresh");
}

/// The first bytes of what it holds, decompressed.
std::string content(const fs::path& file, size_t most) {
  std::FILE* stream = std::fopen(file.c_str(), "rbe");
  if (!stream) return {};
  timeline::ByteSource source(stream);
  std::string bytes;
  while (!source.at_end() && bytes.size() < most) bytes += source.Take();
  return bytes;
}

/// Is it what a program found, or how an experiment failed? A timeline document may be large, and is read otherwise.
bool is_program(const fs::path& file) { return content(file, 256).find(kProgramSchema) != std::string::npos; }

Json read_program(const fs::path& file, const Experiment& experiment) {
  const Json json = Json::parse(content(file, timeline::ByteSource::kLongest), nullptr, false);
  if (!json.is_object() || json.value("schema", Json()) != kProgramSchema) refuse(file, "damaged, or cut off");
  const Json name = json.value("experiment", Json());
  if (!name.is_string() || find_experiment(name.get<std::string>()) != &experiment)
    refuse(file, "its experiment does not match its file name");
  return json;
}

}  // namespace

fs::path result_file(const fs::path& folder, const Experiment& experiment) {
  for (const auto name : {experiment.name, experiment.former_name})
    for (const char* ending : {".json", ".json.zst"}) {
      auto file = folder / (std::string(name) + ending);
      std::error_code error;
      if (!name.empty() && fs::exists(file, error)) return file;
    }
  return {};
}

Results::Results(const fs::path& folder) {
  for (const auto& experiment : experiments()) {
    const std::string name(experiment.name);
    const fs::path file = result_file(folder, experiment);
    if (file.empty()) continue;
    files_[name] = file;
    if (is_program(file)) {
      Json json = read_program(file, experiment);
      if (const auto failed = json.find("failed"); failed != json.end() && failed->is_string()) {
        failures_[name] = failed->get<std::string>();
        continue;
      }
      if (experiment.traced()) refuse(file, "it is not a recording");
      const Json kernel = json.value("kernel", Json::object());
      try {
        const auto release = kernel.at("release").get<std::string>(), where = kernel.at("where").get<std::string>();
        if (!experiment.timed) same_kernel(file.string(), release, where);
      } catch (const Json::exception&) {
        refuse(file, "it does not name its kernel");
      }
      add(name, std::move(json));
    } else {
      auto documents = timeline::read_summaries(file.string());
      if (!experiment.traced() || documents.size() != 1) refuse(file, "it is not a single recording of its experiment");
      timeline::Document& document = documents.front();
      if (const auto why = mismatch(experiment, document.run); !why.empty())
        refuse(file, "its run does not match its file name: " + why);
      if (!document.run.recorded) same_kernel(file.string(), document.run.kernel.release, document.run.kernel.where);
      add(name, Traced{std::move(document.run), std::move(document.ledger)});
    }
  }
}

void Results::same_kernel(const std::string& name, const std::string& release, const std::string& where) {
  if (!kernel_.empty() && kernel_ != release)
    refuse(name, "measured on Linux " + release + ", the others on " + kernel_);
  kernel_ = release;
  where_ = where;
}

void Results::add(const std::string& name, Traced run) {
  const auto& kernel = run.run.kernel;
  (run.run.recorded ? recorded_kernel_ : kernel_) = kernel.release;
  (run.run.recorded ? recorded_where_ : where_) = kernel.where;
  traced_.insert_or_assign(name, std::move(run));
}

void Results::add(const std::string& name, Json program) { programs_.insert_or_assign(name, std::move(program)); }

const Traced* Results::traced(std::string_view name) const {
  const auto found = traced_.find(name);
  return found == traced_.end() ? nullptr : &found->second;
}

fs::path Results::file(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? fs::path() : found->second;
}

const Json* Results::program(std::string_view name) const {
  const auto found = programs_.find(name);
  return found == programs_.end() ? nullptr : &found->second;
}

std::string Results::failure(std::string_view name) const {
  const auto found = failures_.find(name);
  return found == failures_.end() ? std::string() : found->second;
}

}  // namespace zctrace::claims
