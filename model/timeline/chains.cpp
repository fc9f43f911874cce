#include "model/timeline/chains.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace zctrace::timeline {

namespace {

using Place = std::pair<uint64_t, uint64_t>;  ///< device and inode

constexpr size_t kLongest = 32;  // flows of one chain

/// Where the bytes lie that went into that end, until they come out: a connection's lie at its other end.
std::optional<Place> goes_to(const FlowEnd& end) {
  if (end.kind == FlowEndKind::pipe && end.inode != 0) return Place(end.device, end.inode);
  if (end.kind == FlowEndKind::socket && end.peer_inode != 0) return Place(end.device, end.peer_inode);
  return {};
}

std::optional<Place> comes_from(const FlowEnd& end) {
  if ((end.kind == FlowEndKind::pipe || end.kind == FlowEndKind::socket) && end.inode != 0)
    return Place(end.device, end.inode);
  return {};
}

/// The flows into and out of one pipe, or one direction of a connection.
struct Joint {
  std::vector<size_t> in, out;
  uint64_t in_bytes = 0, out_bytes = 0;
};

class Finder {
 public:
  explicit Finder(const Flows& flows) {
    for (const Flow& flow : flows.list) sums_.push_back(total(flow));
    after_.resize(sums_.size());
    before_.resize(sums_.size());
    for (size_t i = 0; i < sums_.size(); ++i) {
      if (sums_[i].bytes == 0) continue;
      const Flow& flow = flows.list[i];
      if (const auto place = goes_to(flow.to)) {
        joints_[*place].in.push_back(i);
        joints_[*place].in_bytes += sums_[i].bytes;
        after_[i] = &joints_[*place];
      }
      if (const auto place = comes_from(flow.from)) {
        joints_[*place].out.push_back(i);
        joints_[*place].out_bytes += taken(i);
        before_[i] = &joints_[*place];
      }
    }
    for (auto& [place, joint] : joints_)
      for (auto* side : {&joint.in, &joint.out})
        std::ranges::stable_sort(*side, std::greater{}, [&](size_t flow) { return sums_[flow].bytes; });
  }

  std::vector<Chain> find() const {
    std::vector<size_t> biggest_first(sums_.size());
    for (size_t i = 0; i < sums_.size(); ++i) biggest_first[i] = i;
    std::ranges::stable_sort(biggest_first, std::greater{}, [&](size_t flow) { return sums_[flow].bytes; });
    std::vector<Chain> all;
    std::set<size_t> in_one;
    for (const size_t flow : biggest_first) {
      if (in_one.contains(flow)) continue;
      auto way = through(flow);
      if (way.size() < 2) continue;
      in_one.insert(way.begin(), way.end());
      all.push_back(chain_of(std::move(way)));
    }
    std::ranges::stable_sort(all, std::greater{}, &Chain::bytes_at_most);
    return all;
  }

 private:
  /// Bytes that it took out of where it comes from.
  uint64_t taken(size_t flow) const {
    return sums_[flow].bytes - std::min(sums_[flow].bytes, sums_[flow].repeated_bytes);
  }

  /// So many bytes of the first flow must be among those of the last.
  uint64_t certain(const std::vector<size_t>& way) const {
    uint64_t bytes = sums_[way.front()].bytes;
    for (size_t i = 1; i < way.size(); ++i) {
      const Joint& joint = *before_[way[i]];
      if (bytes == joint.in_bytes && joint.out_bytes <= joint.in_bytes) {
        bytes = std::min(bytes, sums_[way[i]].bytes);  // all that came out were its
        continue;
      }
      // As many as the two have more than went through in all.
      const uint64_t both = bytes + taken(way[i]), all = std::max(joint.in_bytes, joint.out_bytes);
      bytes = both - std::min(both, all);
    }
    return bytes;
  }

  /// Makes the way longer by the flow with most bytes that certainly belongs to it. False: there is none.
  bool extend(std::vector<size_t>& way, bool at_end) const {
    const Joint* joint = at_end ? after_[way.back()] : before_[way.front()];
    if (!joint || way.size() == kLongest) return false;
    for (const size_t more : at_end ? joint->out : joint->in) {
      if (std::ranges::find(way, more) != way.end()) continue;  // an echo comes back to where it was
      auto longer = way;
      longer.insert(at_end ? longer.end() : longer.begin(), more);
      if (certain(longer) == 0) continue;
      way = std::move(longer);
      return true;
    }
    return false;
  }

  std::vector<size_t> through(size_t flow) const {
    std::vector<size_t> way{flow};
    while (extend(way, true)) continue;
    while (extend(way, false)) continue;
    return way;
  }

  std::pair<ChainBreak, uint64_t> break_between(size_t in, size_t out) const {
    const Joint& joint = *after_[in];
    if (joint.in.size() > 1) return {ChainBreak::also_in, joint.in_bytes - sums_[in].bytes};
    if (sums_[out].repeated_bytes != 0) return {ChainBreak::sent_again, sums_[out].repeated_bytes};
    if (joint.out_bytes > taken(out)) return {ChainBreak::also_out, joint.out_bytes - taken(out)};
    if (joint.out_bytes < joint.in_bytes) return {ChainBreak::not_out, joint.in_bytes - joint.out_bytes};
    if (joint.out_bytes > joint.in_bytes) return {ChainBreak::not_in, joint.out_bytes - joint.in_bytes};
    return {ChainBreak::none, 0};
  }

  Chain chain_of(std::vector<size_t> way) const {
    Chain chain;
    Flow sum;
    chain.bytes_at_least = certain(way);
    chain.bytes_at_most = sums_[way.front()].bytes;
    for (size_t i = 0; i < way.size(); ++i) {
      chain.bytes_at_most = std::min(chain.bytes_at_most, sums_[way[i]].bytes);
      sum.parts.push_back(sums_[way[i]]);
      if (i + 1 == way.size() || chain.broken != ChainBreak::none) continue;
      std::tie(chain.broken, chain.broken_bytes) = break_between(way[i], way[i + 1]);
      chain.broken_after = i;
    }
    chain.flows = std::move(way);
    if (chain.broken != ChainBreak::none) return chain;
    chain.whole = total(sum);
    chain.whole->bytes = chain.bytes_at_most;
    return chain;
  }

  std::vector<FlowPart> sums_;  ///< of each flow
  std::map<Place, Joint> joints_;
  std::vector<const Joint*> after_, before_;  ///< of each flow; null: it goes to none, or comes from none
};

}  // namespace

std::vector<Chain> chains(const Flows& flows) { return Finder(flows).find(); }

std::string_view text(ChainBreak by) {
  switch (by) {
    case ChainBreak::none:
      break;
    case ChainBreak::also_in:
      return "also_in";
    case ChainBreak::also_out:
      return "also_out";
    case ChainBreak::not_out:
      return "not_out";
    case ChainBreak::not_in:
      return "not_in";
    case ChainBreak::sent_again:
      return "sent_again";
  }
  return {};
}

}  // namespace zctrace::timeline
