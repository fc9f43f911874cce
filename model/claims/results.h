#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "model/claims/experiments.h"
#include "model/timeline/model.h"

namespace zctrace::claims {

/// A traced run's head.
struct Traced {
  timeline::Run run;
  timeline::Ledger ledger;
};

/// What the experiment left in the folder: NAME.json or NAME.json.zst, also of its former name; empty where it left
/// nothing.
std::filesystem::path result_file(const std::filesystem::path& folder, const Experiment& experiment);

/// What experiments left in a folder: a file each, see result_file().
class Results {
 public:
  Results() = default;
  /// Files of other names are passed over. Throws Error for a file that cannot be read, is damaged, or is of another
  /// experiment or kernel than its name and its neighbours say.
  explicit Results(const std::filesystem::path& folder);

  void add(const std::string& name, Traced run);
  void add(const std::string& name, nlohmann::json program);

  /// Null where the experiment was not done, or failed.
  const Traced* traced(std::string_view name) const;
  const nlohmann::json* program(std::string_view name) const;
  bool has(std::string_view name) const { return traced(name) != nullptr || program(name) != nullptr; }

  /// What it was read from; empty where the experiment was not done.
  std::filesystem::path file(std::string_view name) const;

  /// Why an experiment failed; empty where it did not, or was not done.
  std::string failure(std::string_view name) const;

  /// Release, and "lab" or "host", of what was measured; where nothing was, of a recording that came with zctrace.
  const std::string& kernel() const { return kernel_.empty() ? recorded_kernel_ : kernel_; }
  const std::string& where() const { return kernel_.empty() ? recorded_where_ : where_; }

 private:
  void same_kernel(const std::string& name, const std::string& release, const std::string& where);

  std::map<std::string, Traced, std::less<>> traced_;
  std::map<std::string, nlohmann::json, std::less<>> programs_;
  std::map<std::string, std::string, std::less<>> failures_;
  std::map<std::string, std::filesystem::path, std::less<>> files_;
  std::string kernel_, where_, recorded_kernel_, recorded_where_;
};

}  // namespace zctrace::claims
