#include <fmt/format.h>

#include "model/claims/experiments.h"
#include "model/claims/judge.h"
#include "model/claims/quantities.h"
#include "model/claims/run_quantities.h"

namespace zctrace::claims {
namespace {

using rules::Relation;

/// A claimed number in the words of its quantity.
Words number_of(const std::string& quantity, double number) {
  if (quantity == "any_descriptor") return both_either(number != 0, Text::claims_yes, Text::claims_no);
  if (quantity == "accepted" && number == 1) return both(Text::claims_all);
  if (quantity == "pair") return both_either(number != 0, Text::claims_taken, Text::claims_refused);
  if (quantity == "scatter_gather") return both_either(number != 0, Text::on, Text::off);
  if (quantity == "delivered") return both_either(number != 0, Text::claims_all, Text::claims_no);
  if (quantity == "linear_share" || quantity == "paged_share") return plain(fmt::format("{:g}%", 100 * number));
  return plain(fmt::format("{:g}", number));
}

/// What the rule has to its right: a number, or two of them.
std::pair<double, double> numbers_of(const rules::Condition& rule) {
  if (const auto* range = std::get_if<rules::Range>(&rule.right)) return {range->low, range->high};
  const double number = std::get<double>(rule.right);
  return {number, number};
}

Words claimed_of(const rules::Condition& rule, const std::string& quantity) {
  const auto [low, high] = numbers_of(rule);
  const Words value = number_of(quantity, low);
  if (rule.relation == Relation::above) return both(Text::claims_more_than, value);
  if (rule.relation == Relation::below) return both(Text::claims_less_than, value);
  if (rule.relation == Relation::within) return both(Text::claims_from_until, value, number_of(quantity, high));
  return value;
}

Words rule_of(const Check& check, const std::string& quantity, bool spread) {
  const auto [low, high] = numbers_of(check.rule);
  const Words value = number_of(quantity, low);
  Words rule = value;
  switch (check.rule.relation) {
    case Relation::is:
      rule = both(Text::rule_is, value, fmt::format("{:g}", rules::tolerance(low)));
      break;
    case Relation::exactly:
      // "yes" is exact as it is.
      if (value.english.find_first_not_of("0123456789.") == std::string::npos) rule = both(Text::rule_exactly, value);
      break;
    case Relation::above:
      rule = both(Text::rule_above, value);
      break;
    case Relation::below:
      rule = both(Text::rule_below, value);
      break;
    case Relation::within:
      return both(Text::rule_within, value, number_of(quantity, high));
    default:  // no check's: parse_claims() refuses them
      break;
  }
  if (spread) rule = both(Text::rule_in_quartiles, rule);
  return check.control ? both(Text::rule_control, rule) : rule;
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
Words label(const Check& check, const Query& query) {
  Words label = label_of(query.quantity);
  const auto fill = [&](const auto&... words) {
    label = {fmt::format(fmt::runtime(label.english), words.english...),
             fmt::format(fmt::runtime(label.chinese), words.chinese...)};
  };
  const auto parameter = [&](const char* key) {
    const auto found = query.with.find(key);
    return found == query.with.end() ? std::string() : found->second;
  };
  const std::string& quantity = query.quantity;
  if (quantity == "pair") {
    const Words call = plain(parameter("call"));
    fill(kind_title(parameter("from")), kind_title(parameter("to")));
    return both(Text::with_remark, label, call);
  }
  if (quantity == "visible_bytes" || quantity == "mapped_bytes") {
    fill(series_title(parameter("method")));
    return label;
  }
  if (quantity == "elapsed" || quantity == "machine_cpu") {
    fill(series_title(parameter("series")), series_title(parameter("over")));
    return label;
  }
  if (quantity == "sent_by" || quantity == "table_by" || quantity == "log_by" || quantity == "answered_by" ||
      quantity == "calls_of") {
    fill(carrier(parameter("call")));
    return both(Text::with_remark, label, experiment_title(query.of));
  }
  if (query.of == "descriptors") return both(Text::with_remark, label, plain(parameter("call")));
  Words of = experiment_title(query.of);
  if (!check.rule.minus.empty()) {
    const Words less = experiment_title(query_of(check.rule.minus).of);
    of = {fmt::format("{} − {}", of.english, less.english), fmt::format("{} − {}", of.chinese, less.chinese)};
  }
  return both(Text::with_remark, label, of);
}

}  // namespace

Part compare(const Check& check, const Results& results) {
  const auto look_up = [&](const std::string& name) { return measured(results, query_of(name)); };
  const Value value = rules::left_of(check.rule, look_up);
  const Query query = query_of(check.rule.left);
  Part part;
  part.quantity = query.quantity;
  part.label = label(check, query);
  part.claimed = claimed_of(check.rule, query.quantity);
  part.rule = rule_of(check, query.quantity, value.spread.has_value());
  part.evidence = value.evidence;
  part.proofs = value.proofs;
  part.missing = value.missing;
  part.agrees = rules::holds(check.rule, value, look_up);
  if (part.agrees) part.measured = value.text;
  if (check.control && part.agrees == false) {
    part.agrees.reset();
    part.missing = both(Text::claims_control_failed);
  }
  return part;
}

}  // namespace zctrace::claims
