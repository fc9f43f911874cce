#include "userspace/capture/connections.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "model/timeline/flow_match.h"

namespace zctrace::capture {

using timeline::kBetweenAddresses;

namespace {

constexpr size_t kMostCounted = 16384, kMostFolded = 65536;

/// "tcp " of "tcp 10.0.0.1:80 - 10.0.0.2:4711"
std::string protocol_of(const std::string& name) { return name.substr(0, name.find(' ') + 1); }

/// What a socket may be told together as, the narrowest first.
std::vector<std::string> alike(const std::string& name) {
  const std::string between(kBetweenAddresses);
  const auto at = name.find(between);
  if (at == name.npos) {
    const auto number = name.find(":[");
    return {number == name.npos ? name : name.substr(0, number) + ":[*]"};
  }
  auto names = timeline::without_one_port(name);
  names.push_back(name.substr(0, at) + between + "*");
  names.push_back(protocol_of(name) + "*" + name.substr(at));
  return names;
}

}  // namespace

zc_place Connections::place_of(const zc_place& socket, const std::string& name) {
  if (whole_.contains(socket)) return socket;
  if (const auto known = folded_.find(socket); known != folded_.end()) return known->second;
  if (name.empty()) return socket;
  for (const auto& together : alike(name))
    if (counts_.size() < kMostCounted || counts_.contains(together)) counts_[together]++;
  if (whole_.size() < most_whole_) {
    whole_.insert(socket);
    return socket;
  }
  const std::string common = fold_name(name);
  zc_place place{};
  place.kind = ZC_AT_SOCKET;
  place.ino = places_.size() + 1;  // of no device: no socket's place
  place = places_.try_emplace(common, place).first->second;
  Fold& fold = folds_[place];
  fold.name = common;
  fold.sockets++;
  if (folded_.size() >= kMostFolded) folded_.erase(folded_.begin(), std::next(folded_.begin(), kMostFolded / 2));
  folded_.emplace(socket, place);
  return place;
}

const Connections::Fold* Connections::fold(const zc_place& place) const {
  const auto found = folds_.find(place);
  return found == folds_.end() ? nullptr : &found->second;
}

std::string Connections::fold_name(const std::string& name) const {
  const auto count = [&](const std::string& together) {
    const auto found = counts_.find(together);
    return found == counts_.end() ? 0 : found->second;
  };
  const auto names = alike(name);
  const auto most = std::ranges::max_element(names, {}, count);
  if (names.size() == 1 || count(*most) > 1) return *most;
  return protocol_of(name) + "*" + std::string(kBetweenAddresses) + "*";
}

}  // namespace zctrace::capture
