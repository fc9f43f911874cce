#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "viz/diagram/flow_brush.h"

/// Parts of a picture that come, go and move: CSS animations of one length that begin anew together, or where they are
/// at one instant.
namespace zctrace::diagram {

class Motion {
 public:
  /// `seconds`: until it begins anew. `still`: the instant that is shown.
  explicit Motion(double seconds, std::optional<double> still = {}) : seconds_(seconds), still_(still) {}

  /// From when until when something is seen.
  using Spans = std::vector<std::pair<double, double>>;
  /// The class of what is seen then, "" for what is seen always; nothing for what is not to be drawn at all. What is
  /// seen at the end is the finished picture.
  std::optional<std::string> seen(const Spans& spans);
  /// The same with the rest of the time paler; of the elements that `selector` names.
  void pale_until(const std::string& selector, double second);
  /// The attribute of a group that goes along the points from each begin to its end, and is seen then.
  std::string along(const std::vector<flow_parts::Point>& points, const Spans& spans);
  /// Which part of all is reached at which second.
  using Parts = std::vector<std::pair<double, double>>;
  /// The attribute of a group that grows from its left edge, to that part of its full width.
  std::string grows(const Parts& parts);
  /// The attribute of a group that goes to the right by up to `width` px, in the same way.
  std::string shifts(const Parts& parts, double width);

  std::string css() const;

 private:
  std::string percent(double second) const;
  /// The attribute of what is transformed as the parts say, from 0 on. `unit`: of the transformation's length in CSS.
  std::string follows(const Parts& parts, const std::function<std::string(double, std::string_view unit)>& transform);
  /// The class of these keyframes.
  std::string frames(const std::string& keyframes, bool in_steps);

  double seconds_;
  std::optional<double> still_;
  std::map<std::string, std::string> classes_;  ///< by keyframes and timing
  std::string css_;
};

}  // namespace zctrace::diagram
