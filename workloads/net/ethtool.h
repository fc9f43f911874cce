#pragma once

#include <string>

#include "workloads/net/path.h"

/// A device's features, in the calling thread's namespace.
namespace zctrace::workloads {

struct Features {
  bool scatter_gather = false, tx_checksum = false, tso = false, gso = false;
};

/// As the device has them now. Throws Error.
Features read_features(const std::string& device);

/// Switches what is wished and reads back; throws an Error that names the first wish the device did not obey.
Features wish_features(const std::string& device, const OffloadWish& wish);

/// The driver's name; empty where the device has none to tell (lo).
std::string driver_of(const std::string& device);

}  // namespace zctrace::workloads
