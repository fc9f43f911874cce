#pragma once

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace zctrace::workloads {

/// VETH_INFO_PEER of <linux/veth.h>, whose enum has no name to include it under.
inline constexpr uint16_t kVethInfoPeer = 1;

/// One rtnetlink request about a link, with nested attributes.
class LinkRequest {
 public:
  /// `index` 0: named by its attributes.
  LinkRequest(uint16_t type, uint16_t flags, int index = 0);

  void add(uint16_t attribute, std::string_view text);
  void add(uint16_t attribute, int number);
  /// The link header that stands at the start of a message and of a veth's peer.
  void add_header(int index);
  size_t begin(uint16_t attribute);
  void end(size_t begun);

  /// Sends it in the calling thread's namespace; 0 or the kernel's errno.
  int send();

 private:
  void append(const void* data, size_t bytes);

  std::vector<std::byte> message_;
};

}  // namespace zctrace::workloads
