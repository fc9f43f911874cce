#pragma once

#include <string>
#include <string_view>

#include "model/summary/sentences.h"
#include "viz/diagram/options.h"

/// Colours by meaning, as CSS classes: a diagram names what a thing is, never a colour. Each class sets `fill`; with a
/// "-line" behind its name, `stroke`.
///
///     ink dim faint      text, its quieter forms     cpu dma ref        how bytes moved
///     paper              the ground                  good warn          a finding
///     user kernel device the bands                   box idle           where bytes rest; untouched
///     send receive       the two sides
///
/// The three movers differ in lightness and in dash as well, for the colour-blind and for print.
namespace zctrace::diagram {

/// The content of the diagram's <style>.
std::string style_sheet(Theme theme);

/// Of a finding's figure.
std::string_view class_of(summary::Tone tone);

}  // namespace zctrace::diagram
