#include "workloads/net/device_facts.h"
#include "workloads/net/interface.h"
#include "workloads/net/namespaces.h"

namespace zctrace::workloads {
namespace {

class Veth : public Path {
 public:
  explicit Veth(const OffloadWish& wish) {
    sink_address_ = "10.200.0.2";
    sender_netns_ = make_namespace();
    sink_netns_ = make_namespace();
    in_namespace(sender_netns_.get(), [&] {
      create_veth("zct0", "zct1", sink_netns_.get());
      set_address("zct0", "10.200.0.1");
      bring_up("zct0");
    });
    in_namespace(sink_netns_.get(), [&] {
      set_address("zct1", sink_address_);
      bring_up("zct1");
    });
    in_namespace(sender_netns_.get(), [&] {
      wait_for_carrier("zct0");
      facts_ = set_up_device("veth", "zct0", wish);
    });
  }
};

}  // namespace

std::unique_ptr<Path> make_veth(const OffloadWish& wish) { return std::make_unique<Veth>(wish); }

}  // namespace zctrace::workloads
