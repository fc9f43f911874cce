#include "workloads/net/ethtool.h"

#include <fmt/core.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/io.h"

namespace zctrace::workloads {
namespace {

/// 0 or errno.
int ask(const std::string& device, void* command) {
  const Fd control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control) return errno;
  ifreq request{};
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = static_cast<char*>(command);
  return ioctl(control.get(), SIOCETHTOOL, &request) < 0 ? errno : 0;
}

struct Feature {
  const char* option;  ///< as --offload names it
  const char* text;
  uint32_t get, set;
  bool Features::*state;
  std::optional<bool> OffloadWish::*wish;
};

// In the order in which they depend on each other: switching one on needs those before it.
constexpr Feature kFeatures[] = {
    {"tx", "transmit checksum", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM, &Features::tx_checksum, &OffloadWish::tx},
    {"sg", "scatter-gather", ETHTOOL_GSG, ETHTOOL_SSG, &Features::scatter_gather, &OffloadWish::sg},
    {"tso", "TCP segmentation offload", ETHTOOL_GTSO, ETHTOOL_STSO, &Features::tso, &OffloadWish::tso},
    {"gso", "generic segmentation offload", ETHTOOL_GGSO, ETHTOOL_SGSO, &Features::gso, &OffloadWish::gso},
};

}  // namespace

Features read_features(const std::string& device) {
  Features features;
  for (const Feature& feature : kFeatures) {
    ethtool_value value{feature.get, 0};
    if (const int error = ask(device, &value); error != 0) {
      throw system_error(fmt::format("asking {} for its {}", device, feature.text), error);
    }
    features.*feature.state = value.data != 0;
  }
  return features;
}

Features wish_features(const std::string& device, const OffloadWish& wish) {
  int refusal = 0;
  for (const Feature& feature : kFeatures) {
    const std::optional<bool>& wished = wish.*feature.wish;
    if (!wished) continue;
    ethtool_value value{feature.set, *wished ? 1U : 0U};
    const int error = ask(device, &value);
    if (refusal == 0) refusal = error;
  }
  const Features features = read_features(device);
  for (const Feature& feature : kFeatures) {
    const std::optional<bool>& wished = wish.*feature.wish;
    if (!wished || features.*feature.state == *wished) continue;
    const char* state = *wished ? "on" : "off";
    const ExitStatus status = refusal == EPERM ? ExitStatus::not_permitted : ExitStatus::failed;
    throw Error(status,
                fmt::format("{} cannot switch {} {} ({}={})", device, feature.text, state, feature.option, state),
                refusal == EPERM ? "run it with sudo"
                : device == "lo" ? "use another path, such as --path veth"
                                 : fmt::format("see ethtool -k {}; sg requires tx, tso and gso require sg", device));
  }
  return features;
}

std::string driver_of(const std::string& device) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  return ask(device, &info) == 0 ? info.driver : "";
}

}  // namespace zctrace::workloads
