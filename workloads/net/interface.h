#pragma once

#include <string>

/// Network interfaces of the calling thread's namespace. All throw Error, naming the device.
namespace zctrace::workloads {

/// Creates a pair of veth devices: `name` here, `peer` in the other namespace.
void create_veth(const std::string& name, const std::string& peer, int peer_netns);

void move_to_namespace(const std::string& device, int netns);

/// Gives an IPv4 address, such as "10.200.0.1", with a /30 mask.
void set_address(const std::string& device, const std::string& address);

/// A permanent neighbour entry; `mac` as "52:54:00:7a:63:01".
void set_neighbour(const std::string& device, const std::string& address, const std::string& mac);

void bring_up(const std::string& device);

/// Waits, 10 s at most, until the device can carry packets.
void wait_for_carrier(const std::string& device);

}  // namespace zctrace::workloads
