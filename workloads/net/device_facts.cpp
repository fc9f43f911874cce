#include "workloads/net/device_facts.h"

#include "workloads/net/ethtool.h"

namespace zctrace::workloads {

PathFacts set_up_device(const std::string& kind, const std::string& device, const OffloadWish& wish) {
  const Features features = wish_features(device, wish);
  PathFacts facts;
  facts.kind = kind;
  facts.device = device;
  facts.driver = driver_of(device);
  if (facts.driver.empty()) facts.driver = kind;
  facts.scatter_gather = features.scatter_gather;
  facts.tx_checksum = features.tx_checksum;
  facts.tso = features.tso;
  facts.gso = features.gso;
  return facts;
}

}  // namespace zctrace::workloads
