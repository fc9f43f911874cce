#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/claims/judged.h"
#include "model/claims/method_claims.h"
#include "model/rules/paragraph.h"

/// The claims of textbooks and others as data: claims.json. It says what is claimed, which measurements test it and how
/// they are compared; no verdict is in it.
namespace zctrace::claims {

/// A measured value to look up: a quantity of an experiment.
struct Query {
  std::string quantity;                     ///< "cpu_copies"
  std::string of;                           ///< "sendfile_sg_off"
  std::map<std::string, std::string> with;  ///< what narrows it: {"call": "splice"}
};

/// The query that a name stands for: "cpu_copies@sendfile", "refusals@descriptors/splice/file/file". Throws
/// std::invalid_argument where there is no such quantity or experiment.
Query query_of(const std::string& name);

/// A comparison of a measured with a claimed value: a number or a range.
struct Check {
  rules::Condition rule;
  bool control = false;  ///< tells nothing of the claim; where it fails, the experiment cannot be trusted
};

/// A way in which a claim is tried.
struct SettingRule {
  std::string name;  ///< "sg_off"; empty: the only one
  Words condition;
  std::vector<Check> checks;
};

struct Claim {
  std::string id;
  std::vector<std::string> textbooks;
  std::vector<Source> sources;  ///< of a claim that no textbook makes
  Words statement;
  std::optional<MethodClaim> figures;        ///< of a claim about a method as a whole
  std::vector<SettingRule> settings;         ///< or `readings`
  std::vector<std::vector<Check>> readings;  ///< of a textbook that says several things: at most one can be true
  /// For the student. They speak of measured values ("cpu_copies@sendfile"), the "verdict", and of how a quantity came
  /// out, in all settings or in one: "cpu_copies", "cpu_copies/sg_off".
  std::vector<rules::Paragraph> why;
  Words needs;  ///< what would have to be built to test it; empty: it can be tested
};

struct TableRule {
  std::string textbook;
  Words title;
  std::vector<std::string> columns;  ///< "calls", "cpu_copies", ...
  std::vector<MethodClaim> rows;
};

struct ClaimData {
  std::vector<TextbookTitle> textbooks;
  std::vector<Claim> claims;
  std::vector<TableRule> tables;
};

/// Throws Error that names the claim for anything that is not as the file's form has it.
ClaimData parse_claims(std::string_view json);

/// Those built in.
const ClaimData& claim_data();

}  // namespace zctrace::claims
