#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The cells of `zctrace matrix`: each is one transfer.
namespace zctrace::matrix {

struct Cell {
  std::string method;
  std::string path;     ///< "nic", "veth", "loopback", "file", "pipe"
  std::string offload;  ///< as --offload takes it; empty: as the device comes
  bool warm = false;    ///< the file is in the page cache before
};

/// "sendfile.veth.sg=off.cold", and "sendfile.veth.device.cold" where the offloads are left as they come.
std::string name_of(const Cell& cell);

/// Nothing where it is no cell's name.
std::optional<Cell> parse_cell(std::string_view name);

}  // namespace zctrace::matrix
