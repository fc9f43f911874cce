#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/units.h"
#include "model/claims/run_quantities.h"

/// Times mean little on their own, under emulation least of all: only ratios of neighbouring samples are compared.
namespace zctrace::claims {
namespace {

using Json = nlohmann::json;

struct Ratio {
  double low = 0, median = 0, high = 0;  ///< quartiles
  size_t samples = 0;
};

/// Fewer say nothing of a spread.
constexpr size_t kFewestSamples = 3;

std::optional<Ratio> ratio_of(const Json& over, const Json& under, const char* key) {
  const auto& a = over.at(key);
  const auto& b = under.at(key);
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (b.at(i).get<double>() > 0) ratios.push_back(a.at(i).get<double>() / b.at(i).get<double>());
  if (ratios.size() < kFewestSamples) return {};
  std::ranges::sort(ratios);
  const auto quantile = [&](double part) {
    const double at = part * static_cast<double>(ratios.size() - 1);
    const auto below = static_cast<size_t>(at);
    const auto above = std::min(below + 1, ratios.size() - 1);
    return ratios[below] + (at - static_cast<double>(below)) * (ratios[above] - ratios[below]);
  };
  return Ratio{quantile(0.25), quantile(0.5), quantile(0.75), ratios.size()};
}

/// "sendfile:sg=on", or the method alone where the series differ in nothing else.
bool is_series(const Json& series, const std::string& wanted) {
  const auto method = series.at("method").get<std::string>();
  const auto offload = series.value("offload", "");
  return wanted == method || wanted == method + ":" + offload;
}

/// By size.
std::map<uint64_t, Ratio> ratios(const Json& program, const std::string& over, const std::string& under,
                                 const char* key) {
  std::map<uint64_t, Ratio> found;
  for (const auto& a : program.at("series")) {
    if (!is_series(a, over)) continue;
    for (const auto& b : program.at("series"))
      if (is_series(b, under) && a.at("size") == b.at("size"))
        if (const auto ratio = ratio_of(a, b, key)) found[a.at("size").get_ref<const uint64_t&>()] = *ratio;
  }
  return found;
}

std::string text_of(const Ratio& ratio) {
  return fmt::format("{:.2f} ({:.2f}–{:.2f})", ratio.median, ratio.low, ratio.high);
}

Value ratio_value(const Json& program, const Query& query, const char* key) {
  const auto all = ratios(program, query.with.at("series"), query.with.at("over"), key);
  if (all.empty()) return unknown(both(Text::claims_few_samples));
  const auto at = query.with.contains("at") ? query.with.at("at") : "";
  const auto& [size, ratio] = at == "smallest" ? *all.begin() : *all.rbegin();
  Value value;
  value.number = ratio.median;
  value.spread = {ratio.low, ratio.high};
  value.text = both(Text::claims_ratio, text_of(ratio), format_size(size), ratio.samples);
  return value;
}

/// The sweep's own two methods.
std::map<uint64_t, Ratio> sweep(const Json& program) { return ratios(program, "mmap_write", "sendfile", "elapsed_ns"); }

/// "35%", for sentences.
Value median_of(Value value) {
  if (value.number) value.text = plain(fmt::format("{:.0f}%", 100 * *value.number));
  return value;
}

int sign(const Ratio& ratio) { return ratio.low > 1 ? 1 : ratio.high < 1 ? -1 : 0; }

}  // namespace

Value elapsed_ratio(const Json& program, const Query& query, const Results&) {
  return ratio_value(program, query, "elapsed_ns");
}

Value machine_cpu_ratio(const Json& program, const Query& query, const Results&) {
  return ratio_value(program, query, "machine_cpu_ns");
}

Value elapsed_median(const Json& program, const Query& query, const Results&) {
  return median_of(ratio_value(program, query, "elapsed_ns"));
}

Value machine_cpu_median(const Json& program, const Query& query, const Results&) {
  return median_of(ratio_value(program, query, "machine_cpu_ns"));
}

Value sweep_ratios(const Json& program, const Query&, const Results&) {
  std::string list;
  for (const auto& [size, ratio] : sweep(program))
    list += fmt::format("{}{} {:.2f}", list.empty() ? "" : ", ", format_size(size), ratio.median);
  if (list.empty()) return unknown(both(Text::claims_few_samples));
  Value value;
  value.text = plain(list);
  return value;
}

Value timed(const Json& program, const Query&, const Results&) {
  const auto& kernel = program.at("kernel");
  Value value;
  value.text = both_either(kernel.at("where") == "lab", Text::claims_timed_in_lab, Text::claims_timed_on,
                           kernel.at("release").get<std::string>());
  return value;
}

Value crossover(const Json& program, const Query&, const Results&) {
  const auto all = sweep(program);
  if (all.empty()) return unknown(both(Text::claims_few_samples));
  Value value;
  const std::pair<const uint64_t, Ratio>* last = nullptr;
  for (const auto& each : all) {
    if (sign(each.second) == 0) continue;
    if (last && sign(last->second) != sign(each.second)) {
      value.text = both_either(sign(each.second) > 0, Text::claims_crossover_up, Text::claims_crossover_down,
                               format_size(last->first), format_size(each.first));
      return value;
    }
    last = &each;
  }
  if (!last)
    value.text = both(Text::claims_no_difference);
  else
    value.text = both_either(sign(last->second) > 0, Text::claims_always_slower, Text::claims_always_faster);
  return value;
}

}  // namespace zctrace::claims
