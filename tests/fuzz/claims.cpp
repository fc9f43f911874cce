// What experiments left, {"NAME": its file's content, ...}, judged; and claims.json itself.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/claims/claims_json.h"
#include "model/claims/experiments.h"
#include "model/claims/judge.h"
#include "tests/fuzz/json_mutator.h"
#include "tests/fuzz/target.h"
#include "viz/terminal/claims_list.h"

using namespace zctrace;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;  // a file begins with its schema

namespace {

/// The files of an input, as a folder for as long as it lives.
class Folder {
 public:
  explicit Folder(const Json& files) {
    std::string name = "/dev/shm/zctrace-fuzz-XXXXXX";
    fuzz::must(mkdtemp(name.data()) != nullptr);
    path_ = name;
    for (const auto& [experiment, content] : files.items())
      if (claims::find_experiment(experiment))
        std::ofstream(path_ / (experiment + ".json")) << content.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  ~Folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

FUZZ_TARGET(claims) {
  const auto json = Json::parse(input, nullptr, false);
  if (!json.is_object()) return;
  if (json.contains("claims")) return fuzz::may_refuse([&] { claims::parse_claims(input); });
  const Folder folder(json);
  fuzz::may_refuse([&] {
    const claims::Results results(folder.path());
    const auto judgment = claims::judge(claims::claim_data(), results);
    for (const Language language : {Language::english, Language::chinese}) {
      claims::to_json(judgment, language).dump();
      terminal::claims_list(judgment, false, {false, true, language, 80});
      terminal::claims_details(judgment, {false, true, language, 80});
    }
  });
}
