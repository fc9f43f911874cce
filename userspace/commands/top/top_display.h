#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "model/timeline/model.h"
#include "model/timeline/rates.h"
#include "userspace/commands/support/prometheus.h"
#include "viz/terminal/top/screen.h"
#include "viz/terminal/top/view.h"

namespace zctrace::commands {

/// What `zctrace top` shows.
class TopDisplay {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Form : uint8_t {
    screen,  ///< that answers keys
    lines,   ///< each interval
    once,    ///< lines at the end
  };
  TopDisplay(Form form, terminal::Sort sort, std::string program, const PrometheusExport& metrics);

  /// The trace's sums at that time.
  void take(const timeline::Flows& flows, const timeline::EvidenceSet& evidence, Clock::time_point at);
  /// Answers keys for so long. False: the person leaves.
  bool wait(int timeout_ms);
  /// Gives the terminal back, and leaves the sums on it.
  void finish(const timeline::Document& document);

 private:
  void draw();
  bool obey(terminal::Key key);
  terminal::Style style() const;
  uint64_t since_begin(Clock::time_point at) const;

  const Form form_;
  const Clock::time_point begin_ = Clock::now();
  bool shown_ = false;
  terminal::View view_;
  timeline::Rates rates_;
  timeline::Flows flows_;
  std::optional<terminal::Screen> screen_;
};

}  // namespace zctrace::commands
