#pragma once

#include <tuple>

#include "bpf/record.h"

namespace zctrace::capture {

/// Places as the keys of a map: those of one file system by their age, as its inode numbers are.
struct PlaceOrder {
  static auto fields(const zc_place& place) { return std::tie(place.ino, place.dev, place.kind, place.born); }
  bool operator()(const zc_place& a, const zc_place& b) const { return fields(a) < fields(b); }
};

}  // namespace zctrace::capture
