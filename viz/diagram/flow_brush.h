#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/summary/picture.h"
#include "viz/diagram/svg.h"

/// The parts of the flow diagram, drawn where a layout puts them.
namespace zctrace::diagram::flow_parts {

struct Point {
  double x, y;
};

struct Rect {
  double x, y, width, height;
  double middle() const { return x + width / 2; }
  double centre() const { return y + height / 2; }
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

/// A line of text beside an arrow.
struct Line {
  std::string text;
  std::string_view classes;
  Font font;
};

inline constexpr double kLineHeight = 16;  // of labels
inline constexpr Font kAmountFont{13, true}, kSmallFont{11.5, false};

/// Where a picture's parts were drawn, for what is to move over them.
struct Placed {
  struct Way {
    std::string key;  ///< the arrow's
    std::vector<Point> points;
    summary::ArrowStyle style{};
  };
  /// Where the amount of an arrow would stand, which is left out.
  struct Amount {
    std::string key;
    Point at;
    std::string_view classes;
    Anchor anchor{};
  };
  /// The mark of these mode switches of the round.
  struct Mark {
    uint64_t first = 0, last = 0;
    Rect box{};
    std::string text;
  };
  std::vector<Way> ways;
  std::vector<Amount> amounts;
  std::vector<Mark> marks;
};

/// The colour's class of what looks like that.
std::string_view class_of(summary::ArrowStyle style);

/// What is written beside the arrow: the amount, how it came about; no line wider than `most`.
std::vector<Line> label_of(const summary::Arrow& arrow, double most);

/// The shaft's width for so many bytes per byte of payload.
double shaft(summary::ArrowStyle style, double per_byte);

class Brush {
 public:
  /// `placed`: is told where the parts of the figure are; may be null.
  Brush(Svg& svg, const Options& options, Placed* placed = nullptr)
      : svg_(svg), page_(options.theme == Theme::page), placed_(placed) {}

  void band(const Rect& box, std::string_view classes, std::string_view name);
  void box(const Rect& box, const summary::Box& place);
  /// The arrow alone, along the points. `quiet`: paler, for what is not the picture's subject.
  void arrow(const std::vector<Point>& points, const summary::Arrow& what, bool quiet = false);
  void arrow(const std::vector<Point>& points, summary::ArrowStyle style, double per_byte, bool counted);
  /// One that the textbooks claim and nobody measured, rightwards: an outline, with nothing in it.
  void ghost(Point from, Point tip);
  /// Its lines from `at` downwards.
  void label(Point at, const std::vector<Line>& lines, Anchor anchor);
  /// A numbered mode switch: the first of the call's, or all of them where they are many.
  /// At most `most` px wide, in the middle of `at`, or to its left; returns how wide.
  double mark(Point at, const summary::Call& call, double most, bool leftwards = false, bool both_ways = false);
  /// One that the textbooks have and nobody measured: it has no number.
  void ghost_mark(Point at);

  /// What is drawn until close() belongs to the arrow of that key, and can be clicked on on the page; not without one.
  void open(std::string_view key, std::string_view tooltip);
  void close();

  Svg& svg() { return svg_; }

 private:
  void head(Point from, Point tip, summary::ArrowStyle style, double width, bool counted);

  bool placing() const { return placed_ != nullptr && !key_.empty(); }

  Svg& svg_;
  bool page_;
  Placed* placed_;
  std::string key_;  ///< that was opened
};

}  // namespace zctrace::diagram::flow_parts
