#include "workloads/net/interface.h"

#include <fmt/core.h>
#include <linux/if.h>
#include <linux/neighbour.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>

#include <chrono>
#include <memory>
#include <thread>

#include "base/error.h"

namespace zctrace::workloads {
namespace {

struct Put {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
  void operator()(nl_addr* address) const { nl_addr_put(address); }
  void operator()(rtnl_link* link) const { rtnl_link_put(link); }
  void operator()(rtnl_addr* address) const { rtnl_addr_put(address); }
  void operator()(rtnl_neigh* neighbour) const { rtnl_neigh_put(neighbour); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Put>;

/// Throws where one of libnl's calls failed.
void check(int result, const std::string& doing) {
  if (result < 0) throw Error(ExitStatus::failed, fmt::format("{}: {}", doing, nl_geterror(result)));
}

/// In the calling thread's namespace.
Owned<nl_sock> connect() {
  Owned<nl_sock> made(nl_socket_alloc());
  check(nl_connect(made.get(), NETLINK_ROUTE), "opening a netlink socket");
  return made;
}

Owned<rtnl_link> link_of(nl_sock* socket, const std::string& device) {
  rtnl_link* found = nullptr;
  check(rtnl_link_get_kernel(socket, 0, device.c_str(), &found), "looking for " + device);
  return Owned<rtnl_link>(found);
}

void change(const std::string& device, const Owned<rtnl_link>& changes, const char* doing) {
  const auto socket = connect();
  const auto link = link_of(socket.get(), device);
  check(rtnl_link_change(socket.get(), link.get(), changes.get(), 0), fmt::format("{} {}", doing, device));
}

/// `family` AF_INET: "10.200.0.1/30"; AF_LLC: "52:54:00:7a:63:01".
Owned<nl_addr> address_of(const std::string& text, int family) {
  nl_addr* parsed = nullptr;
  check(nl_addr_parse(text.c_str(), family, &parsed), "reading the address " + text);
  return Owned<nl_addr>(parsed);
}

}  // namespace

void create_veth(const std::string& name, const std::string& peer, int peer_netns) {
  const Owned<rtnl_link> link(rtnl_link_veth_alloc());
  const Owned<rtnl_link> other(rtnl_link_veth_get_peer(link.get()));
  rtnl_link_set_name(link.get(), name.c_str());
  rtnl_link_set_name(other.get(), peer.c_str());
  rtnl_link_set_ns_fd(other.get(), peer_netns);
  const int result = rtnl_link_add(connect().get(), link.get(), NLM_F_CREATE | NLM_F_EXCL);
  if (result == -NLE_OPNOTSUPP)
    throw Error(ExitStatus::not_permitted, "this kernel has no veth devices", "modprobe veth");
  check(result, "creating the veth pair " + name);
}

void move_to_namespace(const std::string& device, int netns) {
  const Owned<rtnl_link> changes(rtnl_link_alloc());
  rtnl_link_set_ns_fd(changes.get(), netns);
  change(device, changes, "moving to its network namespace");
}

void set_address(const std::string& device, const std::string& address) {
  const auto socket = connect();
  const Owned<rtnl_addr> entry(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(entry.get(), rtnl_link_get_ifindex(link_of(socket.get(), device).get()));
  rtnl_addr_set_local(entry.get(), address_of(address + "/30", AF_INET).get());
  check(rtnl_addr_add(socket.get(), entry.get(), NLM_F_CREATE | NLM_F_REPLACE), "setting the address of " + device);
}

void set_neighbour(const std::string& device, const std::string& address, const std::string& mac) {
  const auto socket = connect();
  const Owned<rtnl_neigh> entry(rtnl_neigh_alloc());
  rtnl_neigh_set_ifindex(entry.get(), rtnl_link_get_ifindex(link_of(socket.get(), device).get()));
  rtnl_neigh_set_dst(entry.get(), address_of(address, AF_INET).get());
  rtnl_neigh_set_lladdr(entry.get(), address_of(mac, AF_LLC).get());
  rtnl_neigh_set_state(entry.get(), NUD_PERMANENT);
  check(rtnl_neigh_add(socket.get(), entry.get(), NLM_F_CREATE | NLM_F_REPLACE), "setting a neighbour of " + device);
}

void bring_up(const std::string& device) {
  const Owned<rtnl_link> changes(rtnl_link_alloc());
  rtnl_link_set_flags(changes.get(), IFF_UP);
  change(device, changes, "bringing up");
}

void wait_for_carrier(const std::string& device) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const auto socket = connect();
  while ((rtnl_link_get_flags(link_of(socket.get(), device).get()) & IFF_RUNNING) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw Error(ExitStatus::failed, fmt::format("{} got no carrier within 10 s", device), "ip link show " + device);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace zctrace::workloads
