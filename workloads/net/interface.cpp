#include "workloads/net/interface.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "base/io.h"
#include "workloads/net/netlink.h"

namespace zctrace::workloads {
namespace {

Fd control_socket() {
  Fd made(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!made) throw system_error("opening a socket");
  return made;
}

ifreq request_for(const std::string& device) {
  ifreq request{};
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

sockaddr_in ip(const std::string& address) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  inet_pton(AF_INET, address.c_str(), &made.sin_addr);
  return made;
}

int flags_of(const std::string& device) {
  ifreq request = request_for(device);
  if (ioctl(control_socket().get(), SIOCGIFFLAGS, &request) < 0) throw system_error("asking the state of " + device);
  return request.ifr_flags;
}

void change(const std::string& device, unsigned long call, const void* argument, const char* what) {
  if (ioctl(control_socket().get(), call, argument) < 0) throw system_error(fmt::format("{} {}", what, device));
}

}  // namespace

void create_veth(const std::string& name, const std::string& peer, int peer_netns) {
  LinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  request.add(IFLA_IFNAME, name);
  const size_t info = request.begin(IFLA_LINKINFO);
  request.add(IFLA_INFO_KIND, "veth");
  const size_t data = request.begin(IFLA_INFO_DATA);
  const size_t other = request.begin(kVethInfoPeer);
  request.add_header(0);
  request.add(IFLA_IFNAME, peer);
  request.add(IFLA_NET_NS_FD, peer_netns);
  request.end(other);
  request.end(data);
  request.end(info);
  const int error = request.send();
  if (error == EOPNOTSUPP) throw Error(ExitStatus::not_permitted, "this kernel has no veth devices", "modprobe veth");
  if (error != 0) throw system_error("creating the veth pair " + name, error);
}

void move_to_namespace(const std::string& device, int netns) {
  LinkRequest request(RTM_NEWLINK, 0, static_cast<int>(if_nametoindex(device.c_str())));
  request.add(IFLA_NET_NS_FD, netns);
  if (const int error = request.send(); error != 0) {
    throw system_error("moving " + device + " to its network namespace", error);
  }
}

void set_address(const std::string& device, const std::string& address) {
  ifreq request = request_for(device);
  const sockaddr_in host = ip(address), mask = ip("255.255.255.252");
  std::memcpy(&request.ifr_addr, &host, sizeof(host));
  change(device, SIOCSIFADDR, &request, "setting the address of");
  std::memcpy(&request.ifr_netmask, &mask, sizeof(mask));
  change(device, SIOCSIFNETMASK, &request, "setting the netmask of");
}

void set_neighbour(const std::string& device, const std::string& address, const std::string& mac) {
  arpreq request{};
  const sockaddr_in host = ip(address);
  std::memcpy(&request.arp_pa, &host, sizeof(host));
  request.arp_ha.sa_family = ARPHRD_ETHER;
  unsigned bytes[6] = {};
  std::sscanf(mac.c_str(), "%x:%x:%x:%x:%x:%x", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5]);
  for (int i = 0; i < 6; ++i) request.arp_ha.sa_data[i] = static_cast<char>(bytes[i]);
  request.arp_flags = ATF_COM | ATF_PERM;
  device.copy(request.arp_dev, sizeof(request.arp_dev) - 1);
  change(device, SIOCSARP, &request, "setting a neighbour of");
}

void bring_up(const std::string& device) {
  ifreq request = request_for(device);
  request.ifr_flags = static_cast<short>(flags_of(device) | IFF_UP);
  change(device, SIOCSIFFLAGS, &request, "bringing up");
}

void wait_for_carrier(const std::string& device) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while ((flags_of(device) & IFF_RUNNING) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw Error(ExitStatus::failed, fmt::format("{} got no carrier within 10 s", device), "ip link show " + device);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace zctrace::workloads
