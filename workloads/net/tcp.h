#pragma once

#include <string>
#include <vector>

#include "base/fd.h"

/// TCP over IPv4, blocking. All throw Error.
namespace zctrace::workloads {

/// Listens on a free port of the address; `port` receives it.
Fd listen_on(const std::string& address, int& port);

Fd accept_one(const Fd& listener);

/// `target` is "ADDRESS:PORT".
Fd connect_to(const std::string& target);

struct SocketPair {
  Fd one, other;
};

/// Two ends of one connection over 127.0.0.1.
SocketPair tcp_pair();

/// Waits until the peers' kernels have acknowledged every byte sent. Throws when a peer is gone or nothing moves for 30
/// s.
void wait_until_acknowledged(const std::vector<int>& sockets);

/// Says that nothing more will come and waits until the peers have read everything and closed, at most 30 s each.
void end_connections(const std::vector<int>& sockets);

}  // namespace zctrace::workloads
