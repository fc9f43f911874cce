#include "userspace/export/flow_match.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "userspace/timeline/names.h"

namespace zctrace::exports {

using namespace timeline;

namespace {

/// "10.0.0.2:41010" -> "10.0.0.2:*": from here on Linux takes the ports that nobody asked for.
std::string without_chosen_port(std::string_view address) {
  constexpr int kFirstChosen = 32768, kDigits = 5;
  const auto colon = address.rfind(':');
  if (colon == address.npos) return std::string(address);
  const auto digits = address.substr(colon + 1);
  if (digits.size() != kDigits || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) ||
      std::stoi(std::string(digits)) < kFirstChosen)
    return std::string(address);
  return std::string(address.substr(0, colon + 1)) + "*";
}

}  // namespace

std::string lasting_name(const FlowEnd& end) {
  if (end.name.empty() || (end.kind == FlowEndKind::pipe && end.name.starts_with("pipe:")))
    return std::string(text(end.kind));
  if (end.kind != FlowEndKind::socket) return end.name;
  constexpr std::string_view kBetween = " - ";
  const auto at = end.name.find(kBetween);
  if (at == end.name.npos) return without_chosen_port(end.name);
  return without_chosen_port(end.name.substr(0, at)) + std::string(kBetween) +
         without_chosen_port(end.name.substr(at + kBetween.size()));
}

std::vector<FlowMatch> flow_matches(const Flows& flows) {
  std::map<std::tuple<std::string, std::string, FlowMethod>, Flow> found;
  for (const auto& flow : flows.list)
    for (const auto& part : flow.parts)
      if (is_linked(part)) found[{lasting_name(flow.from), lasting_name(flow.to), part.method}].parts.push_back(part);
  std::vector<FlowMatch> all;
  for (const auto& [key, flow] : found) all.push_back({std::get<0>(key), std::get<1>(key), total(flow)});
  std::ranges::stable_sort(all, std::greater{}, [](const FlowMatch& match) { return match.part.bytes; });
  return all;
}

}  // namespace zctrace::exports
