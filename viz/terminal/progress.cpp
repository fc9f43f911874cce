#include "viz/terminal/progress.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/language/message_json.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

namespace {
constexpr std::string_view kMark = "\x1eprogress ";
}  // namespace

Progress::Progress(Form form)
    : form_(form),
      on_terminal_(form == Form::terminal && isatty(STDERR_FILENO)),
      language_(terminal::style_of(stderr).language) {}

Progress::~Progress() { clear(); }

void Progress::show(const Message& stage, double percent) {
  Message whole = stage;
  if (percent >= 0) whole = message(Text::stage_percent, whole, static_cast<unsigned>(percent));
  if (of_ != 0) whole = message(Text::stage_numbered, done_ + 1, of_, whole);
  const std::string text = whole.in(language_);
  if (text == shown_) return;
  shown_ = text;
  if (form_ == Form::lines) {
    using Json = nlohmann::json;
    const std::string line = message_to_json(whole).dump(-1, ' ', false, Json::error_handler_t::replace);
    std::fprintf(stderr, "%.*s%s\n", static_cast<int>(kMark.size()), kMark.data(), line.c_str());
  } else if (on_terminal_) {
    std::fprintf(stderr, "\r\033[K%s", fit(text, 79).c_str());
  }
  std::fflush(stderr);
}

void Progress::clear() {
  if (on_terminal_ && !shown_.empty()) std::fputs("\r\033[K", stderr);
  shown_.clear();
}

std::optional<Message> Progress::stage_of(std::string_view line) {
  if (!line.starts_with(kMark)) return std::nullopt;
  const auto stage = line.substr(kMark.size());
  // The stages of an experiment's program, which knows no table, are words.
  return message_from_json(nlohmann::json::parse(stage, nullptr, false)).value_or(Message(stage));
}

}  // namespace zctrace::terminal
