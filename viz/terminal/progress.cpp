#include "viz/terminal/progress.h"

#include <unistd.h>

#include <cstdio>

#include "base/text.h"
#include "model/language/texts.h"
#include "model/language/translate.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

namespace {
constexpr std::string_view kMark = "\x1eprogress ";

/// "Linux 6.12: splice: preparing the file", part by part.
std::string translated(std::string_view text, Language language) {
  constexpr std::string_view kColon = ": ";
  std::string said;
  for (size_t end; (end = text.find(kColon)) != text.npos; text.remove_prefix(end + kColon.size()))
    said += say(language, Text::headline, translate(text.substr(0, end), language));
  return said + translate(text, language);
}
}  // namespace

Progress::Progress(Form form)
    : form_(form),
      on_terminal_(form == Form::terminal && isatty(STDERR_FILENO)),
      language_(terminal::style_of(stderr).language) {}

Progress::~Progress() { clear(); }

void Progress::show(const std::string& stage, double percent) {
  // Marked lines stay English: who reads them translates them.
  std::string text = form_ == Form::lines ? stage : translated(stage, language_);
  if (of_ != 0) text.insert(0, "[" + std::to_string(done_ + 1) + "/" + std::to_string(of_) + "] ");
  if (percent >= 0) text += " " + std::to_string(static_cast<int>(percent)) + " %";
  if (text == shown_) return;
  shown_ = text;
  if (form_ == Form::lines)
    std::fprintf(stderr, "%.*s%s\n", static_cast<int>(kMark.size()), kMark.data(), text.c_str());
  else if (on_terminal_)
    std::fprintf(stderr, "\r\033[K%s", fit(text, 79).c_str());
  std::fflush(stderr);
}

void Progress::clear() {
  if (on_terminal_ && !shown_.empty()) std::fputs("\r\033[K", stderr);
  shown_.clear();
}

std::string_view Progress::stage_of(std::string_view line) {
  return line.starts_with(kMark) ? line.substr(kMark.size()) : std::string_view{};
}

}  // namespace zctrace::terminal
