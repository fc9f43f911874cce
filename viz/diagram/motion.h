#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "viz/diagram/flow_brush.h"

/// Parts of a picture that come, go and move, as CSS animations of one length that begin anew together.
namespace zctrace::diagram {

class Motion {
 public:
  /// `seconds`: until it begins anew.
  explicit Motion(double seconds) : seconds_(seconds) {}

  /// From when until when something is seen.
  using Spans = std::vector<std::pair<double, double>>;
  /// The class of what is seen then, "" for what is seen always. What is seen at the end is the finished picture.
  std::string seen(const Spans& spans);
  /// The same with the rest of the time paler; of the elements that `selector` names.
  void pale_until(const std::string& selector, double second);
  /// The class of what goes along the points from each begin to its end.
  std::string along(const std::vector<flow_parts::Point>& points, const Spans& spans);
  /// Which part of all is reached at which second.
  using Parts = std::vector<std::pair<double, double>>;
  /// The class of what grows from its left edge, to that part of its full width.
  std::string grows(const Parts& parts);
  /// The class of what goes to the right by up to `width` px, in the same way.
  std::string shifts(const Parts& parts, double width);

  std::string css() const;

 private:
  std::string percent(double second) const;
  /// The class of what is transformed as these parts say, from `none` on.
  std::string follows(const Parts& parts, const std::string& none, const std::function<std::string(double)>& transform);
  /// The class of these keyframes.
  std::string frames(const std::string& keyframes, bool in_steps);

  double seconds_;
  std::map<std::string, std::string> classes_;  ///< by keyframes and timing
  std::string css_;
};

}  // namespace zctrace::diagram
