#include <chrono>
#include <filesystem>
#include <thread>

#include "base/io.h"
#include "workloads/net/device_facts.h"
#include "workloads/net/ethtool.h"
#include "workloads/net/interface.h"
#include "workloads/net/namespaces.h"

namespace zctrace::workloads {
namespace {

namespace fs = std::filesystem;

// The lab gives its two cards these addresses, by which they are known whatever the kernel names them.
const std::string kSenderMac = "52:54:00:7a:63:01", kSinkMac = "52:54:00:7a:63:02";
const std::string kSenderAddress = "10.200.1.1", kSinkAddress = "10.200.1.2";

/// Empty if this namespace has no such card.
std::string card_with(const std::string& mac) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/sys/class/net", error)) {
    if (read_text(entry.path() / "address") == mac) return entry.path().filename();
  }
  return {};
}

/// The sink's card comes back from the previous path's namespace a moment after that has ended.
std::string await_card(const std::string& mac) {
  std::string card = card_with(mac);
  for (int attempt = 0; card.empty() && attempt < 1000; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    card = card_with(mac);
  }
  return card;
}

/// The card outlives the path: the next one shall find it as this one did.
struct RestoreFeatures {
  std::string device;
  Features before;

  ~RestoreFeatures() {
    if (device.empty()) return;
    try {
      wish_features(device, {before.scatter_gather, before.tx_checksum, before.tso, before.gso});
    } catch (const Error&) {
      // The lab ends with the run; there is nobody to tell.
    }
  }
};

class Nic : public Path {
 public:
  explicit Nic(const OffloadWish& wish) {
    sink_address_ = kSinkAddress;
    const std::string sender = card_with(kSenderMac);
    if (sender.empty()) {
      throw Error(ExitStatus::failed, "the nic path needs the lab's two network cards",
                  "use --kernel 6.12 to run in the lab; on this machine, --path veth comes closest");
    }
    const std::string sink = await_card(kSinkMac);
    if (sink.empty()) {
      throw Error(ExitStatus::failed, "the lab's second network card has not come back from the run before",
                  "the guest's kernel hangs: run it again");
    }

    sink_netns_ = make_namespace();
    move_to_namespace(sink, sink_netns_.get());
    in_namespace(sink_netns_.get(), [&] {
      set_address(sink, kSinkAddress);
      bring_up(sink);
      set_neighbour(sink, kSenderAddress, kSenderMac);
    });
    set_address(sender, kSenderAddress);
    bring_up(sender);
    set_neighbour(sender, kSinkAddress, kSinkMac);
    wait_for_carrier(sender);
    in_namespace(sink_netns_.get(), [&] { wait_for_carrier(sink); });

    restore_.before = read_features(sender);
    restore_.device = sender;
    facts_ = set_up_device("nic", sender, wish);
    std::error_code error;
    const fs::path place = fs::canonical("/sys/class/net/" + sender, error);
    facts_.dma = !error && place.string().find("/devices/virtual/") == std::string::npos;
  }

 private:
  RestoreFeatures restore_;
};

}  // namespace

std::unique_ptr<Path> make_nic(const OffloadWish& wish) { return std::make_unique<Nic>(wish); }

}  // namespace zctrace::workloads
