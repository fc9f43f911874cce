#include <fcntl.h>

#include "base/io.h"
#include "workloads/net/device_facts.h"
#include "workloads/net/namespaces.h"

namespace zctrace::workloads {
namespace {

class Loopback : public Path {
 public:
  explicit Loopback(const OffloadWish& wish) {
    sink_address_ = "127.0.0.1";
    try {
      sender_netns_ = make_namespace();
    } catch (const Error& error) {
      if (error.status != ExitStatus::not_permitted) throw;
    }
    if (!sender_netns_) {
      // The host's own lo serves as well, but its features are everybody's.
      if (wish.any()) {
        throw Error(ExitStatus::not_permitted, "switching the offloads of lo needs root", "run it with sudo");
      }
      facts_ = set_up_device("loopback", "lo", wish);
      return;
    }
    sink_netns_.reset(fcntl(sender_netns_.get(), F_DUPFD_CLOEXEC, 0));
    in_namespace(sender_netns_.get(), [&] { facts_ = set_up_device("loopback", "lo", wish); });
  }
};

}  // namespace

std::unique_ptr<Path> make_loopback(const OffloadWish& wish) { return std::make_unique<Loopback>(wish); }

}  // namespace zctrace::workloads
