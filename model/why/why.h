#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/rules/paragraph.h"
#include "model/timeline/model.h"

/// Why the CPU copied a flow's bytes, or why the kernel refused to pass them on, and what would avoid it: rules as data
/// (why.json) over what was measured. docs/why.md lists them. No rule that fits: nothing is said.
namespace zctrace::why {

struct Rule {
  std::string id;
  std::string evidence;  ///< in English, for the documentation: what was measured where it fires
  std::vector<rules::Condition> when;
  Words title;              ///< a few words
  rules::Paragraph why;     ///< a sentence
  rules::Paragraph remedy;  ///< empty where there is none
};

/// In their order: of a part of a flow the first that fits stands.
const std::vector<Rule>& built_in();

/// The names of the values that rules may speak of.
std::vector<std::string> value_names();

/// What one rule says of a flow.
struct Why {
  std::string id;  ///< of the rule
  Words title, sentence;
  Words remedy;  ///< empty where there is none
};

/// Tells it of the flows of one recording, which must outlive it.
class Explainer {
 public:
  Explainer(const timeline::Run& run, const timeline::Ledger& ledger);
  ~Explainer();

  /// Of the flow's parts that have copies or were refused, or that were transformed: most copied bytes first, each rule
  /// once. The flow may be several told together.
  std::vector<Why> of(const timeline::Flow& flow) const;

 private:
  struct Beside;
  const timeline::Run& run_;
  const timeline::Ledger& ledger_;
  std::unique_ptr<Beside> beside_;
};

/// The first of those, of a single flow.
std::optional<Why> why_of(const timeline::Run& run, const timeline::Ledger& ledger, const timeline::Flow& flow);

/// Keeps the ids with the document's flows.
void note_whys(timeline::Document& document);

}  // namespace zctrace::why
