#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/language/bilingual.h"
#include "model/rules/value.h"
#include "model/timeline/model.h"

/// What came of holding the claims of textbooks and others against measurements. Nothing here is known before the
/// measurement.
namespace zctrace::claims {

using rules::Proof;

enum class Verdict : uint8_t {
  holds,
  holds_if,  ///< in some of the settings that were tried: the condition names them
  does_not_hold,
  self_contradictory,  ///< the textbook says two things of which one at most is measured
  not_tested           ///< something is missing: the reason names it
};

/// "holds_if": as JSON has it.
std::string_view text(Verdict verdict);
/// "holds if": for a reader.
std::string_view message(Verdict verdict, Language language);

/// One comparison of a claimed with a measured value.
struct Part {
  std::string quantity;        ///< "cpu_copies"
  Words label;                 ///< "CPU copies per byte"
  Words claimed, measured;     ///< with unit where it needs one; measured empty where not known
  std::optional<bool> agrees;  ///< nothing: not known
  timeline::Evidence evidence = timeline::Evidence::none;
  Words missing;  ///< why it is not known
  Words rule;     ///< how the value was compared: "2 ± 10 %", "above 1 in every sample"
  std::vector<Proof> proofs;
};

/// The comparisons under one condition.
struct Setting {
  Words condition;  ///< "scatter-gather off"; empty where the claim is tried in one way only
  std::vector<Part> parts;
  std::optional<bool> agrees;  ///< all of the parts
};

/// Where a claim that is in no textbook is made.
struct Source {
  std::string name;  ///< author, title, where it appeared; not translated
  unsigned year = 0;
  std::string link;
};

struct Judged {
  std::string id;                      ///< "P1"
  std::vector<std::string> textbooks;  ///< numbers of those that say so, "000"
  std::vector<Source> sources;         ///< of a claim that no textbook makes
  Words statement;                     ///< what they say, in our words
  Words claimed, measured;             ///< in short; measured empty where nothing is known
  Verdict verdict = Verdict::not_tested;
  Words condition;                                         ///< holds_if: under which condition it holds
  Words why;                                               ///< a sentence for a student; not_tested: what is missing
  timeline::Evidence evidence = timeline::Evidence::none;  ///< the weakest that the verdict rests on
  std::vector<Setting> settings;
};

/// A cell of a textbook's own table, with what was measured.
struct Cell {
  Words claimed, measured;     ///< measured empty where not known
  std::optional<bool> agrees;  ///< nothing: not known
  std::vector<Proof> proofs;
};

struct TableRow {
  Words name;
  std::string claim;  ///< "T1"
  std::vector<Cell> cells;
};

/// A table of a textbook, redrawn.
struct Table {
  std::string textbook;  ///< "004"
  Words title;
  std::vector<Words> columns;  ///< of the cells: without the first, the rows' names
  std::vector<TableRow> rows;
};

struct TextbookTitle {
  std::string id;  ///< "004"
  Words title;
  bool collected = false;  ///< no textbook, but what others say: each of its claims has a source
};

/// All claims on one kernel.
struct Judgment {
  std::string kernel;  ///< release
  std::string where;   ///< "lab" or "host"
  std::vector<TextbookTitle> textbooks;
  std::vector<Judged> claims;  ///< in the order of the data; one that several textbooks make is there once
  std::vector<Table> tables;
};

}  // namespace zctrace::claims
