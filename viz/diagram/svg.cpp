#include "viz/diagram/svg.h"

#include <fmt/format.h>

#include <cmath>

#include "userspace/export/text.h"
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
  return exports::columns(character) == 2 ? 1.0 : exports::columns(character) == 0 ? 0 : 0.65;
}

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
  for (const char32_t character : exports::characters(text)) {
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
        escaped += is_xml(character) ? exports::utf8(character) : "?";
    }
  }
  return escaped;
}

double text_width(std::string_view text, Font font) {
  double width = 0;
  for (const char32_t character : exports::characters(text)) width += width_of_character(character);
  return width * font.size * (font.bold ? kBold : 1);
}

std::string fit(std::string_view text, double most, Font font) {
  if (text_width(text, font) <= most) return std::string(text);
  std::string cut;
  for (const char32_t character : exports::characters(text)) {
    const auto longer = cut + exports::utf8(character);
    if (text_width(longer + "…", font) > most) break;
    cut = longer;
  }
  return cut.empty() ? "" : cut + "…";
}

Svg::Svg(const Options& options, std::string_view title, std::string_view description)
    : options_(options), width_(width_of(options.form)), title_(title), description_(description) {}

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

void Svg::circle(double x, double y, double radius, std::string_view classes, double width) {
  body_ += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\" stroke-width=\"{}\"/>\n", classes, number(x),
                       number(y), number(radius), number(width));
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
  if (!tooltip.empty()) body_ += fmt::format("<title>{}</title>", escape(tooltip));
  body_ += "\n";
}

void Svg::close() { body_ += "</g>\n"; }

std::string Svg::finish(double height) const {
  const auto size = fmt::format("width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\"", number(width_), number(height));
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"zc\" {} role=\"img\" lang=\"{}\" "
      "font-family=\"system-ui,Segoe UI,Helvetica,Arial,Noto Sans CJK SC,PingFang SC,Microsoft YaHei,sans-serif\">\n"
      "<title>{}</title>\n<desc>{}</desc>\n<style>{}</style>\n<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n{}"
      "</svg>\n",
      size, code(options_.language), escape(title_), escape(description_), style_sheet(options_.theme), number(width_),
      number(height), body_);
}

}  // namespace zctrace::diagram
