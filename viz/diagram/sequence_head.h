#pragma once

#include <string>
#include <vector>

#include "model/timeline/recording.h"
#include "viz/diagram/svg.h"

/// What stands above and below both forms of the sequence diagram.
namespace zctrace::diagram {

inline constexpr double kMargin = 32, kNarrowMargin = 12;
double margin_of(const Options& options);

/// Draws the run's title, setting and finding, then what is shown: `lesson`, and how it was chosen below it. Says what
/// is missing. Returns where the lanes may begin.
double head(Svg& svg, const timeline::Recording& document, const Options& options, const std::string& lesson,
            const std::string& choice, const std::string& warning = {});

/// What a sign in the picture means.
enum class Sign : uint8_t {
  mode_switch,
  user,
  running,
  off_cpu,
  softirq,
  others,
  cpu_copy,
  reference,
  dma,
  packet,
  fault
};

/// Signs of what was moved, by the CPU or by reference, and of what the run's devices did.
void add_moves(std::vector<Sign>& signs, const timeline::Run& run, bool copied, bool referred);

/// Draws the legend of these signs, the notes and the evidence below `y`. Returns the picture's height.
double foot(Svg& svg, const timeline::Recording& document, const Options& options, double y,
            const std::vector<Sign>& signs, const std::vector<std::string>& notes);

/// Draws `text` in lines of at most `width` px; returns the base line of the next.
double paragraph(Svg& svg, double x, double y, double width, const std::string& text, std::string_view classes,
                 Font font);

}  // namespace zctrace::diagram
