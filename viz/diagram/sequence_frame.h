#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "viz/diagram/sequence_rounds.h"
#include "viz/diagram/svg.h"

namespace zctrace::diagram {

/// Events that are drawn as one: they overlap, or there is no room between them.
struct Piece {
  uint64_t from = 0, until = 0;  ///< as measured
  double low = 0, high = 0;  ///< along the time, px; at least 1.5 apart; somewhat outside of the frame where it goes on
  size_t count = 0;
  const timeline::Event* first = nullptr;
};

/// Where time runs: rightwards with the lanes below each other, or downwards with the lanes beside each other.
/// Positions are given along the time (`a`) and across the lanes (`c`), px.
class Frame {
 public:
  /// `window` lies between the positions `begin` and `end`.
  Frame(Svg& svg, bool downwards, Window window, double begin, double end);

  bool downwards() const { return downwards_; }
  Window window() const { return window_; }
  double begin() const { return begin_; }
  double end() const { return end_; }

  /// Where a time lies, kept within the window.
  double at(uint64_t ns) const;
  bool shows(uint64_t from, uint64_t until) const { return from <= window_.until && until >= window_.from; }

  void rect(double a1, double a2, double c1, double c2, std::string_view classes, double radius = 0);
  void line(double a1, double c1, double a2, double c2, std::string_view classes, double width = 1,
            std::string_view dash = {});
  /// A rectangle with round corners whose outline may be dashed.
  void box(double a1, double a2, double c1, double c2, std::string_view classes, std::string_view dash);
  /// Over the points (a, c).
  void way(const std::vector<std::pair<double, double>>& points, std::string_view meaning, double width,
           std::string_view dash = {});
  /// The same, then a head at the last one, which is reached across the lanes.
  void arrow(std::vector<std::pair<double, double>> points, std::string_view meaning, double width,
             std::string_view dash = {});
  /// Bars over a rectangle: time in which nothing ran.
  void hatch(double a1, double a2, double c1, double c2, std::string_view classes);
  /// Where the bar of `piece` is cut, for it goes on beyond the window: two slanting lines across it.
  void cuts(const Piece& piece, double c1, double c2);
  void circle(double a, double c, double radius, std::string_view classes, double width = 1);
  /// Text with its middle there.
  void number(double a, double c, std::string_view text, Font font);

  /// Grid lines over the lanes [c1, c2] at round times, labelled at `label` (across). Times count from the window's
  /// begin.
  void axis(double c1, double c2, double label);

  double x(double a, double c) const { return downwards_ ? c : a; }
  double y(double a, double c) const { return downwards_ ? a : c; }

 private:
  Svg* svg_;
  bool downwards_;
  Window window_;
  double begin_, end_;
};

/// `data-from="5" data-until="9"`
std::string time_range(uint64_t from, uint64_t until);

/// An event, and those after it that are drawn as one with it at any size.
struct Burst {
  timeline::Event first;
  uint64_t last = 0, until = 0;  ///< when the last of them begins, and all have ended
  size_t count = 1;
};

/// The duration below which events in a picture of `window` are drawn as one: it is less than a thousand pixels long, and
/// each piece of it at least one and a half.
uint64_t finest(Window window);

/// Adds the event to the last of them, where it overlaps it or begins that soon after it, else behind it.
void add_burst(std::vector<Burst>& events, const timeline::Event& event, Window window);

/// At most `most` pieces that hold all of `events` (sorted by time) that the frame shows.
std::vector<Piece> pieces(const Frame& frame, const std::vector<Burst>& events, size_t most);

/// A thing that wants its middle at `want` and takes `size`, along a line.
struct Slot {
  double want = 0, size = 0;
  double low = 0;      ///< where it came to lie
  bool placed = true;  ///< false: there was no room
};

/// Lays the slots, sorted by their wants, into [from, until] without overlap, each as near to its want as that
/// allows. Where they do not all fit, the last of them are not placed.
void spread(std::vector<Slot>& slots, double from, double until, double gap);

}  // namespace zctrace::diagram
