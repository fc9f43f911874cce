#include "model/summary/chain_rows.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "base/units.h"
#include "model/quantities/flow_quantities.h"
#include "model/quantities/quantities.h"
#include "model/summary/flow_rows.h"
#include "model/summary/words.h"
#include "model/timeline/chains.h"
#include "model/timeline/flow_filter.h"
#include "model/timeline/flow_match.h"
#include "model/timeline/names.h"

namespace zctrace::summary {

using namespace timeline;

namespace {

using Group = std::vector<Chain>;

constexpr std::ptrdiff_t kMany = 12;  // chains of weight, beyond which clients and numbered files are told together

bool has_weight(uint64_t bytes, uint64_t of_the_biggest) { return bytes * 100 >= of_the_biggest; }

/// What is the same in chains that are told together: by whom, and the ends but for what each connection has of its own.
std::vector<std::string> key_of(const Flows& flows, const Chain& chain, const CommonNames& names, Alike alike) {
  const bool few = alike == Alike::ports;
  std::vector<std::string> key{std::string(text(chain.broken)), std::to_string(chain.broken_after)};
  for (const size_t i : chain.flows) {
    const Flow& flow = flows.list[i];
    const Process whose = flow.process.value_or(Process{});
    if (flow.from.name.empty() && flow.to.name.empty()) key.push_back(std::to_string(i));  // like no other
    for (const FlowEnd* end : {&flow.from, &flow.to})
      key.push_back(std::string(text(end->kind)) + " " +
                    (end->kind == FlowEndKind::pipe && !few ? "" : names.of(*end)));
    const FlowPart sum = total(flow);
    key.insert(key.end(), {std::string(text(sum.method)), is_linked(sum) ? "linked" : "", whose.command, whose.unit,
                           whose.container, few ? std::to_string(whose.pid) : ""});
  }
  return key;
}

uint64_t most_bytes(const Group& group) {
  uint64_t bytes = 0;
  for (const Chain& chain : group) bytes += chain.bytes_at_most;
  return bytes;
}

struct Groups {
  Alike alike;
  std::vector<Group> list;  ///< most bytes first
};

Groups groups_of(const Flows& flows, const std::vector<Chain>& all, Alike alike) {
  const CommonNames names(flows, alike);
  std::map<std::vector<std::string>, size_t> places;
  Groups groups{alike, {}};
  for (const auto& chain : all) {
    size_t place = groups.list.size();
    if (!flows.shown.all) place = places.try_emplace(key_of(flows, chain, names, alike), place).first->second;
    if (place == groups.list.size()) groups.list.emplace_back();
    groups.list[place].push_back(chain);
  }
  std::ranges::stable_sort(groups.list, std::greater{}, most_bytes);
  return groups;
}

Groups groups_of(const Flows& flows) {
  std::vector<Chain> all = chains(flows);
  std::erase_if(all, [&](const Chain& chain) {
    return std::ranges::none_of(chain.flows, [&](size_t i) { return passes(flows.shown, flows.list[i]); });
  });
  Groups groups = groups_of(flows, all, Alike::ports);
  const auto weighty = std::ranges::count_if(groups.list, [&](const Group& group) {
    return has_weight(most_bytes(group), most_bytes(groups.list.front()));
  });
  return weighty > kMany ? groups_of(flows, all, Alike::numbers) : groups;
}

class RowMaker {
 public:
  RowMaker(const Run& run, const Flows& flows, const Group& group, Alike alike, Language language)
      : run_(run), flows_(flows), group_(group), alike_(alike), language_(language) {}

  ChainRow make() {
    const bool several = have_several_processes(flows_);
    for (size_t i = 0; i < group_.front().flows.size(); ++i) {
      const Flow flow = flow_at(i, several);
      const auto figures = flow_figures(run_, flow, language_);
      if (i == 0) row_.ends.push_back(end_text(flow.from, language_));
      row_.ends.push_back(end_text(flow.to, language_));
      row_.steps.push_back({figures.how, flow.process ? process_text(*flow.process, language_) : "", figures.amount,
                            figures.copies, figures.tone});
    }
    whole();
    return std::move(row_);
  }

 private:
  /// That one of all chains of the group, as one flow.
  Flow flow_at(size_t number, bool several_processes) const {
    Flows all;
    std::set<size_t> added;  // two chains may share it
    for (const Chain& chain : group_) {
      if (!added.insert(chain.flows[number]).second) continue;
      Flow flow = flows_.list[chain.flows[number]];
      if (!several_processes) set_process(flow, {});
      if (group_.size() > 1)
        for (FlowEnd* end : {&flow.from, &flow.to})
          if (end->kind == FlowEndKind::pipe) end->name = std::string(word(end->kind, language_));
      all.list.push_back(std::move(flow));
    }
    return told_together(all, alike_).list.front();
  }

  void whole() {
    const uint64_t most = most_bytes(group_);
    const bool certain =
        std::ranges::all_of(group_, [](const Chain& chain) { return chain.bytes_at_least == chain.bytes_at_most; });
    auto& whole = row_.whole;
    whole.how = group_.size() == 1 ? std::string(words(Text::chain_whole, language_))
                                   : say(language_, Text::chain_whole_many, format_count(group_.size()));
    whole.amount = certain ? format_bytes(most) : say(language_, Text::chain_at_most, format_bytes(most));
    Flow sum;
    uint64_t broken_bytes = 0;
    for (const Chain& chain : group_) {
      if (chain.whole) sum.parts.push_back(*chain.whole);
      broken_bytes += chain.broken_bytes;
    }
    if (sum.parts.empty()) {
      const Chain& first = group_.front();
      row_.why_unknown =
          why_unknown(first.broken, format_bytes(broken_bytes), row_.ends[first.broken_after + 1]);
      sum.parts.emplace_back().copies_known = false;
    }
    const auto figures = flow_figures(run_, sum, language_);
    whole.copies = figures.copies;
    whole.tone = figures.tone;
  }

  std::string why_unknown(ChainBreak by, const std::string& bytes, const std::string& at) const {
    switch (by) {
      case ChainBreak::also_in:
        return say(language_, Text::chain_also_in, bytes, at);
      case ChainBreak::also_out:
        return say(language_, Text::chain_also_out, bytes, at);
      case ChainBreak::not_out:
        return say(language_, Text::chain_not_out, bytes, at);
      case ChainBreak::not_in:
        return say(language_, Text::chain_not_in, bytes, at);
      case ChainBreak::sent_again:
        return say(language_, Text::chain_sent_again, bytes, at);
      case ChainBreak::none:
        break;
    }
    return "";
  }

  const Run& run_;
  const Flows& flows_;
  const Group& group_;
  const Alike alike_;
  const Language language_;
  ChainRow row_;
};

}  // namespace

ChainRows chain_rows(const Run& run, const Flows& flows, size_t most, Language language) {
  const auto [alike, groups] = groups_of(flows);
  ChainRows rows;
  size_t left = 0;
  uint64_t left_bytes = 0;
  for (const Group& group : groups) {
    if (rows.shown.size() < most && has_weight(most_bytes(group), most_bytes(groups.front()))) {
      rows.shown.push_back(RowMaker(run, flows, group, alike, language).make());
    } else {
      left += group.size();
      left_bytes += most_bytes(group);
    }
  }
  if (left != 0) rows.left = say(language, Text::flows_more, format_count(left), format_bytes(left_bytes));
  return rows;
}

}  // namespace zctrace::summary
