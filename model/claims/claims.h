#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/claims/judged.h"
#include "model/claims/method_claims.h"

/// The documents' claims as data: claims.json. It says what is claimed, which measurements test it and how they are
/// compared; no verdict is in it.
namespace zctrace::claims {

/// A measured value to look up: a quantity of an experiment.
struct Query {
  std::string quantity;                     ///< "cpu_copies"
  std::string of;                           ///< "sendfile_sg_off"
  std::map<std::string, std::string> with;  ///< what narrows it: {"call": "splice"}
};

/// A comparison of a measured with a claimed value.
struct Check {
  enum class Relation { is, exactly, above, below, within };
  Query query;
  std::string minus;  ///< another experiment, whose value is taken off; empty: none
  Relation relation = Relation::is;
  double value = 0, upper = 0;  ///< `upper`: of `within`
  bool control = false;         ///< tells nothing of the claim; where it fails, the experiment cannot be trusted
};

/// A way in which a claim is tried.
struct SettingRule {
  std::string name;  ///< "sg_off"; empty: the only one
  Words condition;
  std::vector<Check> checks;
};

/// A sentence for the student, said where the measurement came out as it says.
struct Sentence {
  std::string verdict, agrees, differs;  ///< a verdict's word; quantities; empty: of no matter
  std::string setting;                   ///< in which the quantity must agree or differ; empty: in any
  Words words;                           ///< {cpu_copies@sendfile}: a measured value
};

struct Claim {
  std::string id;
  std::vector<std::string> documents;
  Words statement;
  std::optional<MethodClaim> figures;        ///< of a claim about a method as a whole
  std::vector<SettingRule> settings;         ///< or `readings`
  std::vector<std::vector<Check>> readings;  ///< of a document that says several things: at most one can be true
  std::vector<Sentence> why;
  Words needs;  ///< what would have to be built to test it; empty: it can be tested
};

struct TableRule {
  std::string document;
  Words title;
  std::vector<std::string> columns;  ///< "calls", "cpu_copies", ...
  std::vector<MethodClaim> rows;
};

struct ClaimData {
  std::vector<DocumentTitle> documents;
  std::vector<Claim> claims;
  std::vector<TableRule> tables;
};

/// Throws Error that names the claim for anything that is not as the file's form has it.
ClaimData parse_claims(std::string_view json);

/// Those built in.
const ClaimData& claim_data();

}  // namespace zctrace::claims
