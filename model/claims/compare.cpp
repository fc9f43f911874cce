#include <fmt/format.h>

#include <cmath>

#include "base/units.h"
#include "model/claims/experiments.h"
#include "model/claims/judge.h"
#include "model/claims/quantities.h"
#include "model/claims/run_quantities.h"

namespace zctrace::claims {
namespace {

using Relation = Check::Relation;

/// A claimed number in the words of its quantity.
Words number_of(const std::string& quantity, double number) {
  if (quantity == "any_descriptor") return both(number != 0 ? Text::claims_yes : Text::claims_no);
  if (quantity == "accepted" && number == 1) return both(Text::claims_all);
  if (quantity == "pair") return both(number != 0 ? Text::claims_taken : Text::claims_refused);
  if (quantity == "scatter_gather") return both(number != 0 ? Text::on : Text::off);
  if (quantity == "delivered") return both(number != 0 ? Text::claims_all : Text::claims_no);
  if (quantity == "linear_share" || quantity == "paged_share") return plain(fmt::format("{:g}%", 100 * number));
  return plain(fmt::format("{:g}", number));
}

Words with(TextFor<std::string> text, const Words& word) {
  return {say(Language::english, text, word.english), say(Language::chinese, text, word.chinese)};
}
Words with(TextFor<std::string, std::string> text, const Words& a, const Words& b) {
  return {say(Language::english, text, a.english, b.english), say(Language::chinese, text, a.chinese, b.chinese)};
}

Words claimed_of(const Check& check) {
  const Words value = number_of(check.query.quantity, check.value);
  switch (check.relation) {
    case Relation::above:
      return with(Text::claims_more_than, value);
    case Relation::below:
      return with(Text::claims_less_than, value);
    case Relation::within:
      return with(Text::claims_from_until, value, number_of(check.query.quantity, check.upper));
    case Relation::is:
    case Relation::exactly:
      break;
  }
  return value;
}

Words rule_of(const Check& check, bool spread) {
  const Words value = number_of(check.query.quantity, check.value);
  Words rule;
  switch (check.relation) {
    case Relation::is:
      rule = with(Text::rule_is, value, plain(fmt::format("{:g}", tolerance(check.value))));
      break;
    case Relation::exactly:
      // "yes" is exact as it is.
      rule =
          value.english.find_first_not_of("0123456789.") == std::string::npos ? with(Text::rule_exactly, value) : value;
      break;
    case Relation::above:
      rule = with(Text::rule_above, value);
      break;
    case Relation::below:
      rule = with(Text::rule_below, value);
      break;
    case Relation::within:
      return with(Text::rule_within, value, number_of(check.query.quantity, check.upper));
  }
  if (spread) rule = with(Text::rule_in_quartiles, rule);
  return check.control ? with(Text::rule_control, rule) : rule;
}

bool agrees(const Check& check, const Value& value) {
  const double number = *value.number;
  switch (check.relation) {
    case Relation::is:
      return !contradicts(number, check.value);
    case Relation::exactly:
      return number == check.value;
    case Relation::above:
      return (value.spread ? value.spread->first : number) > check.value;
    case Relation::below:
      return (value.spread ? value.spread->second : number) < check.value;
    case Relation::within:
      return check.value <= number && number <= check.upper;
  }
  return false;
}

Words experiment_title(const std::string& name) {
  const auto* experiment = find_experiment(name);
  return experiment ? title_of(*experiment) : plain(name);
}

/// "sendfile, scatter-gather on" for "sendfile:sg=on"
Words series_title(const std::string& series) {
  const size_t colon = series.find(':');
  const auto in = [&](Language language) {
    const auto title = method_title(series.substr(0, colon), language);
    if (colon == series.npos) return title;
    const bool on = series.substr(colon + 1) == "sg=on";
    return say(language, Text::title_with, title, zctrace::words(on ? Text::sg_on : Text::sg_off, language));
  };
  return {in(Language::english), in(Language::chinese)};
}

/// "CPU copies per byte (sendfile to a file)"
Words label(const Check& check) {
  Words label = label_of(check.query.quantity);
  const auto fill = [&](const auto&... words) {
    label = {fmt::format(fmt::runtime(label.english), words.english...),
             fmt::format(fmt::runtime(label.chinese), words.chinese...)};
  };
  const auto parameter = [&](const char* key) {
    const auto found = check.query.with.find(key);
    return found == check.query.with.end() ? std::string() : found->second;
  };
  const std::string& quantity = check.query.quantity;
  if (quantity == "pair") {
    const Words call = plain(parameter("call"));
    fill(kind_words(parameter("from")), kind_words(parameter("to")));
    return with(Text::with_remark, label, call);
  }
  if (quantity == "visible_bytes" || quantity == "mapped_bytes") {
    fill(series_title(parameter("method")));
    return label;
  }
  if (quantity == "elapsed" || quantity == "machine_cpu") {
    fill(series_title(parameter("series")), series_title(parameter("over")));
    return label;
  }
  if (quantity == "sent_by" || quantity == "table_by" || quantity == "calls_of") {
    fill(carrier(parameter("call")));
    return with(Text::with_remark, label, experiment_title(check.query.of));
  }
  if (check.query.of == "descriptors") return with(Text::with_remark, label, plain(parameter("call")));
  Words of = experiment_title(check.query.of);
  if (!check.minus.empty()) {
    const Words less = experiment_title(check.minus);
    of = {fmt::format("{} − {}", of.english, less.english), fmt::format("{} − {}", of.chinese, less.chinese)};
  }
  return with(Text::with_remark, label, of);
}

Value difference(const Value& a, const Value& b) {
  if (!a.number) return a;
  if (!b.number) return b;
  Value made = a;
  made.number = *a.number - *b.number;
  made.text = {say(Language::english, Text::claims_difference, a.text.english, b.text.english,
                   fmt::format("{:.2f}", *made.number)),
               say(Language::chinese, Text::claims_difference, a.text.chinese, b.text.chinese,
                   fmt::format("{:.2f}", *made.number))};
  made.evidence = std::max(a.evidence, b.evidence);
  made.proofs.insert(made.proofs.end(), b.proofs.begin(), b.proofs.end());
  return made;
}

}  // namespace

Part compare(const Check& check, const Results& results) {
  Value value = measured(results, check.query);
  if (!check.minus.empty()) {
    Query other = check.query;
    other.of = check.minus;
    value = difference(value, measured(results, other));
  }
  Part part;
  part.quantity = check.query.quantity;
  part.label = label(check);
  part.claimed = claimed_of(check);
  part.rule = rule_of(check, value.spread.has_value());
  part.evidence = value.evidence;
  part.proofs = value.proofs;
  part.missing = value.missing;
  if (!value.number) return part;
  part.measured = value.text;
  part.agrees = agrees(check, value);
  if (check.control && !*part.agrees) {
    part.agrees.reset();
    part.missing = both(Text::claims_control_failed);
  }
  return part;
}

}  // namespace zctrace::claims
