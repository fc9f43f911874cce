#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/expect/selector.h"

/// What a measurement is expected to show: "copies <= 0.01", "flow(*.bin -> tcp:80).method == sendfile". docs/expect.md
/// has the language.
namespace zctrace::expect {

enum class Relation { equal, unequal, at_most, less, at_least, more };

struct Expectation {
  std::string text;                  ///< as written
  std::optional<FlowSelector> flow;  ///< nothing: of the run as a whole
  std::string quantity;              ///< an id: quantities.h, flow_quantities.h, or one of words.h
  Relation relation{};
  std::variant<double, std::string> value;  ///< in the quantity's unit: bytes, ns, a part of 1
};

/// Throws Error (usage): what is wrong, the text, and a caret under the place.
Expectation parse(std::string_view text);

}  // namespace zctrace::expect
