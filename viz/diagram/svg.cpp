#include "viz/diagram/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "viz/diagram/palette.h"

namespace zctrace::diagram {
namespace {

/// Widths of ' ' to '~' in thousandths of the font's size, as in Helvetica and Arial.
constexpr int kWidths[] = {278,  278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
                           556,  556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
                           1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
                           667,  778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
                           333,  556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
                           556,  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584};
/// Other fonts are up to so much wider (DejaVu Sans, Verdana).
constexpr double kWidest = 1.14, kBold = 1.08;

double width_of_character(char32_t character) {
  if (character >= U' ' && character <= U'~') return kWidths[character - U' '] / 1000.0 * kWidest;
  // What takes no room still counts, or a name of nothing but accents would have no end.
  return columns(character) == 2 ? 1.0 : columns(character) == 0 ? 0.1 : 0.65;
}

double width_of_character(char32_t character, Font font) {
  return width_of_character(character) * font.size * (font.bold && columns(character) < 2 ? kBold : 1);
}

/// May a line end between the two?
bool may_break(char32_t before, char32_t after) {
  constexpr std::u32string_view kOpening = U"（“‘《([", kClosing = U"，。、；：！？）”’》)],;:";
  if (before == U' ' || (before == U'_' && after != U'_')) return true;
  if (columns(before) != 2 && columns(after) != 2) return false;
  return kOpening.find(before) == kOpening.npos && kClosing.find(after) == kClosing.npos;
}

std::string joined(std::u32string_view characters) {
  std::string text;
  for (const char32_t character : characters) text += utf8(character);
  return text;
}

/// Columns of a line that nobody sees: a document's names may be of any length, the picture is not.
constexpr int kMostSaid = 500;

/// Surrogates and the two non-characters are well-formed nowhere in XML.
bool is_xml(char32_t character) {
  return (character < 0xd800 || character > 0xdfff) && character != 0xfffe && character != 0xffff;
}

/// Two decimals at most, none where none are needed.
std::string number(double value) {
  if (!std::isfinite(value)) return "0";
  auto text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string dashed(std::string_view dash) { return dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash); }

}  // namespace

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char32_t character : characters(text)) {
    switch (character) {
      case U'&':
        escaped += "&amp;";
        break;
      case U'<':
        escaped += "&lt;";
        break;
      case U'>':
        escaped += "&gt;";
        break;
      case U'"':
        escaped += "&quot;";
        break;
      case U'\'':
        escaped += "&#39;";
        break;
      default:
        escaped += is_xml(character) ? utf8(character) : "?";
    }
  }
  return escaped;
}

double text_width(std::string_view text, Font font) {
  double width = 0;
  for (const char32_t character : characters(text)) width += width_of_character(character, font);
  return width;
}

std::string fit(std::string_view text, double most, Font font) {
  const auto all = characters(text);
  const double room = most - width_of_character(U'…', font);
  double width = 0;
  size_t kept = 0;
  for (const char32_t character : all) {
    width += width_of_character(character, font);
    if (width > most) return kept == 0 ? "" : joined(std::u32string_view(all).substr(0, kept)) + "…";
    if (width <= room) ++kept;
  }
  return std::string(text);
}

std::vector<std::string> wrap(std::string_view text, double most, Font font, size_t most_lines) {
  const auto all = characters(text);
  const auto rest = [&](size_t from) { return std::u32string_view(all).substr(from); };
  std::vector<std::string> lines;
  for (size_t start = 0; start < all.size();) {
    if (lines.size() + 1 >= most_lines) {
      lines.push_back(fit(joined(rest(start)), most, font));
      break;
    }
    double width = 0;
    size_t end = start, cut = start;
    for (; end < all.size(); ++end) {
      if (end > start && may_break(all[end - 1], all[end])) cut = end;
      width += width_of_character(all[end], font);
      if (width > most && end > start && all[end] != U' ') break;
    }
    if (end == all.size() || cut == start) cut = end;
    auto line = rest(start).substr(0, cut - start);
    while (line.ends_with(U' ')) line.remove_suffix(1);
    lines.push_back(joined(line));
    start = cut;
  }
  return lines;
}

Svg::Svg(const Options& options, std::string_view title, std::string_view description)
    : options_(options),
      width_(width_of(options.form)),
      title_(zctrace::fit(title, kMostSaid)),
      description_(zctrace::fit(description, kMostSaid)) {}

void Svg::rect(double x, double y, double width, double height, std::string_view classes, double radius) {
  body_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>\n", classes, number(x),
                       number(y), number(width), number(height),
                       radius > 0 ? fmt::format(" rx=\"{}\"", number(radius)) : "");
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes, double width,
               std::string_view dash) {
  body_ += fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke-width=\"{}\"{}/>\n", classes,
                       number(x1), number(y1), number(x2), number(y2), number(width), dashed(dash));
}

void Svg::path(std::string_view d, std::string_view classes, double width, std::string_view dash) {
  body_ += fmt::format("<path class=\"{}\" d=\"{}\" fill=\"none\" stroke-width=\"{}\"{}/>\n", classes, d, number(width),
                       dashed(dash));
}

void Svg::shape(std::string_view d, std::string_view classes) {
  body_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", classes, d);
}

void Svg::circle(double x, double y, double radius, std::string_view classes, double width, std::string_view dash) {
  body_ += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\" stroke-width=\"{}\"{}/>\n", classes,
                       number(x), number(y), number(radius), number(width), dashed(dash));
}

void Svg::text(double x, double y, std::string_view text, std::string_view classes, Font font, Anchor anchor) {
  const auto where = anchor == Anchor::start    ? ""
                     : anchor == Anchor::middle ? " text-anchor=\"middle\""
                                                : " text-anchor=\"end\"";
  body_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{}{}>{}</text>\n", classes, number(x),
                       number(y), number(font.size), font.bold ? " font-weight=\"600\"" : "", where, escape(text));
}

void Svg::open(std::string_view attributes, std::string_view tooltip) {
  body_ += attributes.empty() ? "<g>" : fmt::format("<g {}>", attributes);
  if (!tooltip.empty()) {
    body_ += "<title>";
    for (size_t start = 0; start <= tooltip.size();) {
      const auto end = std::min(tooltip.find('\n', start), tooltip.size());
      body_ += (start == 0 ? "" : "\n") + escape(zctrace::fit(tooltip.substr(start, end - start), kMostSaid));
      start = end + 1;
    }
    body_ += "</title>";
  }
  body_ += "\n";
}

void Svg::open_at(double x, double y, double scale) {
  open(fmt::format("transform=\"translate({} {}) scale({})\"", number(x), number(y), number(scale)));
}

void Svg::close() { body_ += "</g>\n"; }

std::string Svg::finish(double height) const {
  const auto [top, bottom] = crop_ && options_.theme == Theme::page ? *crop_ : std::pair{0.0, height};
  auto size = fmt::format("width=\"{0}\" height=\"{1}\" viewBox=\"0 {2} {0} {1}\"", number(width_),
                          number(bottom - top), number(top));
  if (bottom - top != height) size += fmt::format(" data-height=\"{}\"", number(height));
  // An image has no parts to a screen reader; on the page there are some to click on.
  const auto role = options_.theme == Theme::page ? "group" : "img";
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"zc\" {} role=\"{}\" lang=\"{}\" "
      "font-family=\"system-ui,Segoe UI,Helvetica,Arial,Noto Sans CJK SC,PingFang SC,Microsoft YaHei,sans-serif\">\n"
      "<title>{}</title>\n<desc>{}</desc>\n<style>{}</style>\n<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n{}"
      "</svg>\n",
      size, role, code(options_.language), escape(title_), escape(description_), style_sheet(options_.theme) + css_,
      number(width_), number(height), body_);
}

}  // namespace zctrace::diagram
