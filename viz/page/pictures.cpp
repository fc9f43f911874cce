#include "viz/page/pictures.h"

#include <nlohmann/json.hpp>

#include "viz/diagram/flow.h"
#include "viz/diagram/flow_question.h"
#include "viz/diagram/options.h"
#include "viz/diagram/sequence.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;

/// {"en"|"zh": {"wide"|"narrow": what `draw` returns}}
template <class Draw>
Json each_form(const Draw& draw) {
  Json all;
  for (const auto language : kLanguages)
    for (const auto form : {diagram::Form::wide, diagram::Form::narrow})
      all[std::string(code(language))][form == diagram::Form::wide ? "wide" : "narrow"] =
          draw(diagram::Options{language, diagram::Theme::page, form});
  return all;
}

}  // namespace

Json pictures(const timeline::Recording& document, const diagram::Choice& choice, bool asked) {
  diagram::Sequence sequence(document, choice);
  const auto order = diagram::first_round(document, choice);
  return each_form([&](const diagram::Options& options) {
    Json drawn{{"flow", diagram::flow(document.run, document.ledger, options, order)},
               {"chunk", sequence.draw(diagram::Span::chunk, options)},
               {"whole", sequence.draw(diagram::Span::whole, options)}};
    if (asked) drawn["question"] = diagram::flow_question(document.run, document.ledger, options);
    return drawn;
  });
}

Json comparison_pictures(std::span<const timeline::Measured> runs) {
  return each_form([&](const diagram::Options& options) { return diagram::comparison(runs, options); });
}

}  // namespace zctrace::page
