#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "userspace/capture/place_order.h"

namespace zctrace::capture {

/// Which sockets of a trace are told apart: the first thousand. Each further one is told together with those whose
/// address it shares, at the end that most sockets have in common: a server's, or the peer's of a client.
class Connections {
 public:
  struct Fold {
    std::string name;     ///< "tcp 10.0.0.1:80 - 10.0.0.2:*", "tcp 10.0.0.1:80 - *"
    uint64_t sockets = 0;  ///< one that outlives some ten thousand others may be counted twice
  };

  explicit Connections(size_t whole = 1000) : most_whole_(whole) {}

  /// The place that stands for a socket of that name: its own, or a fold's. Without a name it stands for itself.
  zc_place place_of(const zc_place& socket, const std::string& name);

  /// Null if the place is none of a fold.
  const Fold* fold(const zc_place& place) const;

 private:
  std::string fold_name(const std::string& name) const;

  size_t most_whole_;
  std::set<zc_place, PlaceOrder> whole_;
  std::map<zc_place, zc_place, PlaceOrder> folded_;
  std::map<std::string, uint64_t> counts_;  ///< sockets, by what they may be told together as
  std::map<zc_place, Fold, PlaceOrder> folds_;
  std::map<std::string, zc_place> places_;  ///< of folds, by name
};

}  // namespace zctrace::capture
