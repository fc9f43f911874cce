#include "model/expect/expectation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/units.h"
#include "model/expect/words.h"

namespace zctrace::expect {

namespace {

struct RelationSign {
  std::string_view sign;
  Relation relation;
};
// The longer ones first.
constexpr std::array kRelations{
    RelationSign{"==", Relation::equal},   RelationSign{"!=", Relation::unequal},
    RelationSign{"<=", Relation::at_most}, RelationSign{">=", Relation::at_least},
    RelationSign{"<", Relation::less},     RelationSign{">", Relation::more},
};

struct TimeUnit {
  std::string_view name;
  double ns;
};
constexpr std::array kTimeUnits{TimeUnit{"", 1}, TimeUnit{"ns", 1}, TimeUnit{"us", 1e3}, TimeUnit{"µs", 1e3},
                                TimeUnit{"ms", 1e6}, TimeUnit{"s", 1e9}};

bool is_blank(char each) { return each == ' ' || each == '\t'; }
bool is_of_name(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') || each == '_' ||
         each == '/';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Expectation parse() {
    Expectation expectation;
    expectation.text = std::string(text_);
    skip_blanks();
    if (rest().starts_with("flow")) {
      const size_t before = at_;
      at_ += 4;
      skip_blanks();
      if (rest().starts_with('('))
        expectation.flow = flow();
      else
        at_ = before;
    }
    const Word& word = quantity(expectation.flow.has_value());
    expectation.quantity = std::string(word.id);
    expectation.relation = relation(word);
    expectation.value = value(word, expectation.flow.has_value());
    return expectation;
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  [[noreturn]] void fail(const std::string& what, size_t from, size_t length) const {
    const int before = columns(text_.substr(0, from));
    const int marked = std::max(1, columns(text_.substr(from, length)));
    throw Error(ExitStatus::usage,
                "--expect: " + what + "\n    " + std::string(text_) + "\n    " +
                    std::string(static_cast<size_t>(before), ' ') + std::string(static_cast<size_t>(marked), '^'),
                "docs/expect.md has the language; an example: 'flow(*.bin -> tcp).copies <= 0.01'");
  }

  void need(std::string_view sign) {
    skip_blanks();
    if (!rest().starts_with(sign)) fail("'" + std::string(sign) + "' is missing here", at_, 1);
    at_ += sign.size();
  }

  FlowSelector flow() {
    need("(");
    FlowSelector selector;
    selector.from = end("where the bytes come from");
    need("->");
    selector.to = end("where they go to");
    need(")");
    need(".");
    return selector;
  }

  EndSelector end(const std::string& what) {
    skip_blanks();
    const size_t from = at_;
    std::string name;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char each = text_[at_];
      if (each == '"')
        quoted = !quoted;
      else if (!quoted && (is_blank(each) || each == ')' || rest().starts_with("->")))
        break;
      else
        name += each;
    }
    if (quoted) fail("a closing '\"' is missing", from, at_ - from);
    if (name.empty())
      fail(what + " is missing here: '*' for anywhere, a kind such as tcp, a name such as *.bin", from, 1);
    const auto selector = end_selector(name);
    if (!selector) fail("no such port", from, at_ - from);
    return *selector;
  }

  const Word& quantity(bool of_flow) {
    skip_blanks();
    const size_t from = at_;
    while (at_ < text_.size() && is_of_name(text_[at_])) ++at_;
    const std::string name(text_.substr(from, at_ - from));
    if (name.empty()) fail("a quantity is missing here, such as copies", from, 1);
    const Word* word = find_word(name, of_flow);
    if (!word) fail(unknown_text("quantity", name, known_words(of_flow)), from, name.size());
    return *word;
  }

  Relation relation(const Word& word) {
    skip_blanks();
    const auto found =
        std::ranges::find_if(kRelations, [&](const RelationSign& each) { return rest().starts_with(each.sign); });
    if (found == kRelations.end()) fail("a relation is missing here: == != <= < >= >", at_, 1);
    const bool ordered = word.kind == Kind::number || word.kind == Kind::count;
    if (!ordered && found->relation != Relation::equal && found->relation != Relation::unequal)
      fail(std::string(word.id) + " is a word: it is compared by == or !=", at_, found->sign.size());
    at_ += found->sign.size();
    return found->relation;
  }

  std::variant<double, std::string> value(const Word& word, bool of_flow) {
    skip_blanks();
    const size_t from = at_;
    std::string_view given = rest();
    while (!given.empty() && is_blank(given.back())) given.remove_suffix(1);
    at_ = text_.size();
    if (given.empty()) fail("a value is missing here", from, 1);
    if (word.kind == Kind::number || word.kind == Kind::count) return number(word, given, from);
    const auto known = known_values(word.kind, of_flow);
    const std::string name(given);
    if (!known.empty() && std::ranges::find(known, name) == known.end()) {
      std::string all;
      for (const std::string& each : known) all += (all.empty() ? "; known: " : ", ") + each;
      fail(unknown_text(std::string(word.id), name, known, all), from, given.size());
    }
    return name;
  }

  double number(const Word& word, std::string_view given, size_t from) const {
    using quantities::Unit;
    if (word.unit == Unit::bytes || word.unit == Unit::bytes_per_second) {
      if (word.unit == Unit::bytes_per_second && given.ends_with("/s")) given.remove_suffix(2);
      try {
        return static_cast<double>(parse_size(given));
      } catch (const Error&) {
        fail("not a size, such as 64KiB or 4MiB", from, given.size());
      }
    }
    double number = 0;
    const char* const end = given.data() + given.size();
    const auto [stopped, error] = std::from_chars(given.data(), end, number);
    if (error != std::errc{} || !std::isfinite(number)) fail("not a number", from, given.size());
    std::string_view unit(stopped, static_cast<size_t>(end - stopped));
    while (!unit.empty() && is_blank(unit.front())) unit.remove_prefix(1);
    if (word.unit == Unit::ns) {
      const auto found = std::ranges::find(kTimeUnits, unit, &TimeUnit::name);
      if (found == kTimeUnits.end()) fail("not a time: ns, us, ms or s", from, given.size());
      return number * found->ns;
    }
    if (word.unit == Unit::part && unit == "%") return number / 100;
    if (!unit.empty()) fail("no number ends in '" + std::string(unit) + "'", from, given.size());
    return number;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Expectation parse(std::string_view text) { return Parser(text).parse(); }

}  // namespace zctrace::expect
