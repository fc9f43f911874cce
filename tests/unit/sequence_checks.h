#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/well_formed.h"
#include "viz/diagram/sequence.h"
#include "viz/diagram/svg.h"

/// A sequence diagram as text, and what holds for every one.
namespace zctrace::sequences {

using namespace timeline;
using diagram::Form;
using diagram::Span;

inline constexpr Span kSpans[] = {Span::chunk, Span::whole};
inline constexpr Form kForms[] = {Form::wide, Form::narrow};

inline std::string drawn(const Document& document, Span span, Form form = Form::wide, Language language = Language::english) {
  return diagram::Sequence(document).draw(span, {language, diagram::Theme::light, form});
}

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

inline double number(const std::string& element, const std::string& attribute) {
  const auto at = element.find(" " + attribute + "=\"");
  return at == std::string::npos ? 0 : std::strtod(element.c_str() + at + attribute.size() + 3, nullptr);
}

/// The text as it is shown.
inline std::string unescaped(std::string text) {
  for (const auto& [entity, character] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
    for (size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
      text.replace(at, std::strlen(entity), character);
  return text;
}

/// Nothing is cut off, no text is too small to be read, every number is one.
inline void fits(const std::string& svg, Form form) {
  const double width = diagram::width_of(form), height = number(svg.substr(0, svg.find('>')), "height");
  static const std::regex texts("<text[^>]*>([^<]*)</text>");
  for (std::sregex_iterator at(svg.begin(), svg.end(), texts), end; at != end; ++at) {
    const std::string element = (*at)[0], text = unescaped((*at)[1]);
    CAPTURE(element);
    const double size = number(element, "font-size"), x = number(element, "x");
    CHECK(size >= 11);
    const double length = diagram::text_width(text, {size, has(element, "font-weight")});
    const double left = has(element, "\"middle\"") ? x - length / 2 : has(element, "\"end\"") ? x - length : x;
    CHECK(left >= -1);
    CHECK(left + length <= width + 1);
    CHECK(number(element, "y") <= height);
  }
  static const std::regex rects("<rect[^>]*/>");
  for (std::sregex_iterator at(svg.begin(), svg.end(), rects), end; at != end; ++at) {
    const std::string element = (*at)[0];
    CAPTURE(element);
    CHECK(number(element, "x") >= 0);
    CHECK(number(element, "x") + number(element, "width") <= width + 1);
    CHECK(number(element, "width") >= 0);
    CHECK(number(element, "height") >= 0);
  }
  CHECK(!has(svg, "nan"));
  CHECK(!has(svg, "inf\""));
  CHECK(!has(svg, " id="));
}

inline void sound(const Document& document) {
  for (const auto span : kSpans)
    for (const auto form : kForms)
      for (const auto language : kLanguages) {
        const auto svg = drawn(document, span, form, language);
        CHECK(well_formed(svg));
        fits(svg, form);
        CHECK(svg.size() < 300'000);
      }
}

}  // namespace zctrace::sequences
