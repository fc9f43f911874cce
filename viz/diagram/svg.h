#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "viz/diagram/options.h"

namespace zctrace::diagram {

/// `text` for an SVG's text or attribute: markup is escaped; control characters, what XML forbids and damaged UTF-8
/// become '?', so that no name in a document can become markup.
std::string escape(std::string_view text);

/// Text to be drawn.
struct Font {
  double size = 13;  ///< px
  bool bold = false;
};

/// The width in px that `text` takes at most in the usual sans-serif fonts; Chinese characters are square.
double text_width(std::string_view text, Font font);

/// `text`, cut with "…" where it is wider than `most` px.
std::string fit(std::string_view text, double most, Font font);

/// `text` in lines of at most `most` px, broken between words, Chinese characters and after '_', a longer word
/// anywhere; the last of `most_lines` is cut with "…" where there is more.
std::vector<std::string> wrap(std::string_view text, double most, Font font, size_t most_lines = 100);

enum class Anchor { start, middle, end };

/// An SVG in the making. Shapes are put on it in the order of painting; classes are those of palette.h, several are
/// separated by blanks. Coordinates in px. No ids: many of them may stand in one page.
class Svg {
 public:
  /// `title` and `description` are what a screen reader says.
  Svg(const Options& options, std::string_view title, std::string_view description);

  void rect(double x, double y, double width, double height, std::string_view classes, double radius = 0);
  void line(double x1, double y1, double x2, double y2, std::string_view classes, double width = 1,
            std::string_view dash = {});
  /// `d` as in SVG's path.
  void path(std::string_view d, std::string_view classes, double width = 1, std::string_view dash = {});
  /// A closed shape, filled.
  void shape(std::string_view d, std::string_view classes);
  void circle(double x, double y, double radius, std::string_view classes, double width = 1,
              std::string_view dash = {});
  void text(double x, double y, std::string_view text, std::string_view classes, Font font = {},
            Anchor anchor = Anchor::start);

  /// A group: `attributes` is markup, its values escaped by the caller. `tooltip`: what a pointer resting on it shows,
  /// in lines.
  void open(std::string_view attributes = {}, std::string_view tooltip = {});
  void close();
  /// A group whose (0, 0) is at that place, and whose px are `scale` px.
  void open_at(double x, double y, double scale);

  /// Adds to the style sheet.
  void style(std::string_view css) { css_ += css; }

  double width() const { return width_; }

  /// On a page only what is drawn from `top` to `bottom` is seen, for what stands around it there is said by the page;
  /// a file has all.
  void crop(double top, double bottom) { crop_ = {top, bottom}; }

  /// The whole file, that high. An <svg> element alone for Theme::page, which stands inside HTML.
  std::string finish(double height) const;

 private:
  Options options_;
  double width_;
  std::string title_, description_, body_, css_;
  std::optional<std::pair<double, double>> crop_;
};

}  // namespace zctrace::diagram
