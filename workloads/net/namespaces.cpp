#include "workloads/net/namespaces.h"

#include <fcntl.h>
#include <sched.h>

#include <exception>
#include <fstream>
#include <thread>

#include "base/io.h"
#include "workloads/net/interface.h"

namespace zctrace::workloads {
namespace {

/// A thread can change its namespace and takes the change with it when it ends.
void on_own_thread(const std::function<void()>& work) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

Fd make_namespace() {
  Fd made;
  on_own_thread([&] {
    if (unshare(CLONE_NEWNET) < 0) {
      if (errno != EPERM) throw system_error("creating a network namespace");
      throw Error(ExitStatus::not_permitted,
                  "creating a network namespace needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN)",
                  "run it with sudo, or use --path loopback");
    }
    made.reset(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!made) throw system_error("opening the new network namespace");
    // Address autoconfiguration would put packets of its own on the wire. Where /proc/sys is read-only, they are ours
    // to bear.
    for (const char* scope : {"all", "default"}) {
      std::ofstream(std::string("/proc/sys/net/ipv6/conf/") + scope + "/disable_ipv6") << "1";
    }
    bring_up("lo");
  });
  return made;
}

void in_namespace(int netns, const std::function<void()>& work) {
  on_own_thread([&] {
    if (setns(netns, CLONE_NEWNET) < 0) throw system_error("entering a network namespace");
    work();
  });
}

}  // namespace zctrace::workloads
