#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/units.h"
#include "model/claims/run_quantities.h"

namespace zctrace::claims {
namespace {

using Json = nlohmann::json;

/// The parameter, or "" where the query leaves it open.
std::string with(const Query& query, const char* key) {
  const auto found = query.with.find(key);
  return found == query.with.end() ? std::string() : found->second;
}

Value counted(double number, Words text) {
  Value value;
  value.number = number;
  value.text = std::move(text);
  return value;
}

// Which descriptors a call takes.

struct Pair {
  std::string from, to, error;
  bool taken() const { return error.empty(); }
};

/// The attempts that the query asks for: its call, and one or both kinds where it names them.
std::vector<Pair> pairs_of(const Json& program, const Query& query) {
  std::vector<Pair> pairs;
  for (const auto& each : program.at("pairs")) {
    const auto fits = [&](const char* key) {
      const auto wanted = with(query, key);
      return wanted.empty() || each.at(key).get<std::string>() == wanted;
    };
    if (fits("call") && fits("from") && fits("to"))
      pairs.push_back(
          {each.at("from").get<std::string>(), each.at("to").get<std::string>(), each.at("error").get<std::string>()});
  }
  return pairs;
}

size_t taken(const std::vector<Pair>& pairs) { return static_cast<size_t>(std::ranges::count_if(pairs, &Pair::taken)); }

Value accepted(const Json& program, const Query& query, const Results&) {
  const auto pairs = pairs_of(program, query);
  if (pairs.empty()) return unknown(both(Text::claims_no_attempt));
  return counted(static_cast<double>(taken(pairs)) / static_cast<double>(pairs.size()),
                 both(Text::claims_pairs, taken(pairs), pairs.size()));
}

Value any_descriptor(const Json& program, const Query& query, const Results& results) {
  Value value = accepted(program, query, results);
  if (!value.number) return value;
  const bool all = *value.number == 1;
  value.text = both_either(all, Text::claims_all_pairs, Text::claims_not_all_pairs, value.text);
  value.number = all;
  return value;
}

Value pair(const Json& program, const Query& query, const Results&) {
  const auto pairs = pairs_of(program, query);
  if (pairs.size() != 1) return unknown(both(Text::claims_no_attempt));
  return counted(pairs[0].taken(), pairs[0].taken() ? both(Text::claims_taken) : plain(pairs[0].error));
}

Value other_pairs(const Json& program, const Query& query, const Results&) {
  auto pairs = pairs_of(program, {query.quantity, query.of, {{"call", with(query, "call")}}});
  if (pairs.empty()) return unknown(both(Text::claims_no_attempt));
  std::erase_if(pairs,
                [&](const Pair& each) { return each.from == with(query, "from") && each.to == with(query, "to"); });
  return counted(static_cast<double>(taken(pairs)), both(Text::claims_pairs, taken(pairs), pairs.size()));
}

void append(Words& list, const Words& more) {
  const bool first = list.empty();
  list.english += (first ? "" : "; ") + more.english;
  list.chinese += (first ? "" : "；") + more.chinese;
}

/// "EINVAL: file to file, file to socket; ESPIPE: ..."
Value refusals(const Json& program, const Query& query, const Results&) {
  std::map<std::string, Words> by_error;
  for (const auto& each : pairs_of(program, query)) {
    if (each.taken()) continue;
    auto& list = by_error[each.error];
    const bool first = list.empty();
    const Words pair = both(Text::claims_from_to, kind_title(each.from), kind_title(each.to));
    list.english += (first ? "" : ", ") + pair.english;
    list.chinese += (first ? "" : "、") + pair.chinese;
  }
  Value value;
  for (const auto& [error, list] : by_error)
    append(value.text, {fmt::format("{} ({})", list.english, error), fmt::format("{}（{}）", list.chinese, error)});
  if (value.text.empty()) value.text = both(Text::claims_none_refused);
  return value;
}

Value errors(const Json& program, const Query& query, const Results&) {
  std::string list;
  for (const auto& each : pairs_of(program, query))
    if (!each.taken() && list.find(each.error) == list.npos) list += (list.empty() ? "" : ", ") + each.error;
  Value value;
  value.text = list.empty() ? both(Text::claims_none_refused) : plain(list);
  return value;
}

Value of_tee(const Json& program, const char* key) {
  const auto bytes = program.at("tee").at(key).get_ref<const uint64_t&>();
  return counted(static_cast<double>(bytes), plain(format_count(bytes)));
}
Value left_in_pipe(const Json& program, const Query&, const Results&) { return of_tee(program, "left_in_first_pipe"); }
Value teed(const Json& program, const Query&, const Results&) { return of_tee(program, "bytes"); }

// What a program's memory shows.

Value of_visible(const Json& program, const Query& query, const char* key) {
  for (const auto& each : program.at("methods"))
    if (each.at("method").get<std::string>() == with(query, "method")) {
      const auto bytes = each.at(key).get_ref<const uint64_t&>();
      return counted(static_cast<double>(bytes), plain(format_count(bytes)));
    }
  return unknown(both(Text::claims_no_attempt));
}
Value visible_bytes(const Json& program, const Query& query, const Results&) {
  return of_visible(program, query, "visible_bytes");
}
Value mapped_bytes(const Json& program, const Query& query, const Results&) {
  return of_visible(program, query, "mapped_bytes");
}

}  // namespace

Words kind_title(const std::string& name) {
  static const std::map<std::string, Text> names{{"file", Text::kind_file},
                                                 {"pipe", Text::kind_pipe},
                                                 {"socket", Text::kind_socket},
                                                 {"device", Text::kind_device}};
  const auto found = names.find(name);
  if (found == names.end()) return plain(name);
  return {say_chosen(Language::english, found->second), say_chosen(Language::chinese, found->second)};
}

const std::vector<ProgramQuantity>& program_quantities() {
  static const std::vector<ProgramQuantity> all{
      {"accepted", Text::quantity_accepted, accepted},
      {"any_descriptor", Text::quantity_any_descriptor, any_descriptor},
      {"pair", Text::quantity_pair, pair},
      {"other_pairs", Text::quantity_other_pairs, other_pairs},
      {"refusals", Text::quantity_refusals, refusals},
      {"errors", Text::quantity_refusals, errors},
      {"left_in_pipe", Text::quantity_left_in_pipe, left_in_pipe},
      {"teed", Text::quantity_teed, teed},
      {"visible_bytes", Text::quantity_visible_bytes, visible_bytes},
      {"mapped_bytes", Text::quantity_mapped_bytes, mapped_bytes},
      {"elapsed", Text::quantity_elapsed, elapsed_ratio},
      {"machine_cpu", Text::quantity_machine_cpu, machine_cpu_ratio},
      {"elapsed_median", Text::quantity_elapsed, elapsed_median},
      {"machine_cpu_median", Text::quantity_machine_cpu, machine_cpu_median},
      {"sweep", Text::quantity_elapsed, sweep_ratios},
      {"timed", Text::quantity_elapsed, timed},
      {"crossover", Text::quantity_elapsed, crossover},
  };
  return all;
}

}  // namespace zctrace::claims
