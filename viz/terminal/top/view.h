#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "model/timeline/rates.h"
#include "viz/terminal/style.h"

/// A trace as a screen shows it: lines of at most Style::width columns.
namespace zctrace::terminal {

enum class Sort : uint8_t { rate, bytes, copies };

struct View {
  std::string program;  ///< "nginx (4711)"
  std::string served;   ///< where Prometheus asks; may be empty
  timeline::TraceFacts facts;
  Sort sort = Sort::rate;
  bool paused = false, help = false;
  bool each_connection = false;  ///< a flow for each, not one for all of a server's
  size_t first_row = 0;  ///< of the flows, after scrolling
};

/// A whole screen of `rows` lines or fewer. Brings `view.first_row` back to where there is something to see.
std::vector<std::string> screen_lines(const timeline::Rates& rates, const timeline::Flows& flows, View& view,
                                      const Style& style, int rows);

/// What stays when the screen is closed: the sums, with mean rates.
std::vector<std::string> summary_lines(const timeline::Rates& rates, const timeline::Flows& flows, const View& view,
                                       const Style& style);

/// For where there is no screen: columns that do not change their order, numbers without units, a line for all
/// and one per flow that moved in the last interval.
std::string batch_head();
std::vector<std::string> batch_lines(const timeline::Rates& rates, const View& view);

}  // namespace zctrace::terminal
