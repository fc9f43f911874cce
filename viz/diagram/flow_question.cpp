#include "viz/diagram/flow_question.h"

#include "model/language/texts.h"
#include "model/summary/question.h"
#include "model/summary/sentences.h"
#include "viz/diagram/flow_layout.h"

namespace zctrace::diagram {

using namespace flow_parts;

std::string flow_question(const timeline::Run& run, const timeline::Ledger& ledger, const Options& options) {
  const auto picture = summary::question(summary::picture(run, ledger, options.language), options.language);
  const auto title = say(options.language, Text::labelled, summary::title(run, options.language), summary::kAsked);
  Svg svg(options, title, "");
  Brush brush(svg, options);
  const double bottom = (options.form == Form::wide ? draw_wide : draw_narrow)(brush, picture, options.language, 0);
  return svg.finish(bottom + 14);
}

}  // namespace zctrace::diagram
