#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/fd.h"

/// The way from the sender to the sink: from socket to socket, or into a pipe or a file.
namespace zctrace::workloads {

/// What the sender's device shall do for us; an empty field leaves it as it is.
struct OffloadWish {
  std::optional<bool> sg, tx, tso, gso;
  bool any() const { return sg || tx || tso || gso; }
};

struct PathFacts {
  std::string kind;                                                            ///< as make_path takes it
  std::string device;                                                          ///< the sender's: "lo", "zct0"; or none
  std::string driver;                                                          ///< "loopback", "veth", "vmxnet3"
  bool dma = false;                                                            ///< a device moves the bytes
  bool scatter_gather = false, tx_checksum = false, tso = false, gso = false;  ///< read back from the device
};

/// Holds the namespaces and devices; all of them vanish with it, also when the process is killed.
class Path {
 public:
  virtual ~Path() = default;

  int sender_netns() const { return sender_netns_.get(); }  ///< -1: the one we are in
  int sink_netns() const { return sink_netns_.get(); }      ///< -1: the one we are in
  const std::string& sink_address() const { return sink_address_; }
  const PathFacts& facts() const { return facts_; }

 protected:
  Fd sender_netns_, sink_netns_;
  std::string sink_address_;
  PathFacts facts_;
};

/// Does this kind lead through a network? The others are "file" and "pipe".
bool is_network(const std::string& kind);

/// Refuses, with a usage Error, to switch what a path of this kind does not have.
void check_offload(const std::string& kind, const OffloadWish& wish);

/// Kinds: "loopback", "veth" (root), "nic" (in the lab), "file", "pipe". Throws Error.
std::unique_ptr<Path> make_path(const std::string& kind, const OffloadWish& wish = {});

std::unique_ptr<Path> make_loopback(const OffloadWish& wish);
std::unique_ptr<Path> make_veth(const OffloadWish& wish);
std::unique_ptr<Path> make_nic(const OffloadWish& wish);

}  // namespace zctrace::workloads
