#include "model/summary/question.h"

#include "model/language/texts.h"

namespace zctrace::summary {

using timeline::End;

namespace {

Arrow asked(End from, End to) {
  Arrow arrow;
  arrow.from = from;
  arrow.to = to;
  arrow.style = ArrowStyle::doubtful;
  arrow.counted = false;
  arrow.short_amount = kAsked;
  return arrow;
}

}  // namespace

Picture question(const Picture& known, Language language) {
  const auto box = [&](Text title) { return Box{std::string(words(title, language)), ""}; };
  Picture picture;
  picture.target_end = known.target_end;
  picture.has_card = known.has_card;
  picture.has_receiver = false;
  picture.user = box(Text::user_buffer);
  picture.user_on_one_line = picture.user.title;
  picture.page_cache = box(Text::page_cache);
  picture.pipe = box(Text::pipe);
  picture.pipe.used = known.pipe.used;
  picture.target = {known.target.title, "", true, known.target.several};
  picture.stage.used = false;
  picture.disk = {known.disk.title, known.disk.below};
  picture.card = {known.card.title, known.card.below};
  picture.device = known.device;
  picture.device_kind = known.device_kind;
  picture.switches.total = picture.switches.per_chunk = say(language, Text::play_switches, kAsked);
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

Picture question(bool pipe, Language language) {
  Picture known;
  known.pipe.used = pipe;
  known.target.title = words(Text::socket_buffer, language);
  known.disk.title = words(Text::disk, language);
  known.device = words(Text::nic, language);
  return question(known, language);
}

}  // namespace zctrace::summary
