#include "viz/diagram/flow_question.h"

#include "model/language/texts.h"
#include "model/summary/picture.h"
#include "model/summary/sentences.h"
#include "viz/diagram/flow_layout.h"

namespace zctrace::diagram {

using namespace flow_parts;
using timeline::End;

namespace {

summary::Arrow asked(End from, End to) {
  summary::Arrow arrow;
  arrow.from = from;
  arrow.to = to;
  arrow.style = summary::ArrowStyle::doubtful;
  arrow.counted = false;
  return arrow;
}

/// The same for every method, so that it gives no answer away.
summary::Picture unanswered(const summary::Picture& measured, Language language) {
  const auto box = [&](Text title) { return summary::Box{std::string(words(title, language)), ""}; };
  summary::Picture picture;
  picture.target_end = measured.target_end;
  picture.has_card = measured.has_card;
  picture.has_receiver = false;
  picture.user = box(Text::user_buffer);
  picture.page_cache = box(Text::page_cache);
  picture.pipe = box(Text::pipe);
  picture.pipe.used = measured.pipe.used;
  picture.target = {measured.target.title, "", true, measured.target.several};
  picture.stage.used = false;
  picture.disk = {measured.disk.title, measured.disk.below};
  picture.card = {measured.card.title, measured.card.below};
  const auto target = picture.target_end;
  picture.sender = {asked(End::disk, End::page_cache), asked(End::page_cache, End::user_buffer),
                    asked(End::user_buffer, target)};
  if (picture.pipe.used) {
    picture.sender.push_back(asked(End::page_cache, End::pipe));
    picture.sender.push_back(asked(End::pipe, target));
  } else {
    picture.sender.push_back(asked(End::page_cache, target));
  }
  if (picture.has_card) picture.sender.push_back(asked(End::socket_buffer, End::nic));
  return picture;
}

}  // namespace

std::string flow_question(const timeline::Run& run, const timeline::Ledger& ledger, const Options& options) {
  const auto picture = unanswered(summary::picture(run, ledger, options.language), options.language);
  const auto title = say(options.language, Text::labelled, summary::title(run, options.language), "?");
  Svg svg(options, title, "");
  Brush brush(svg, options);
  const double bottom = (options.form == Form::wide ? draw_wide : draw_narrow)(brush, picture, options.language, 0);
  return svg.finish(bottom + 14);
}

}  // namespace zctrace::diagram
