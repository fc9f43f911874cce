#include "userspace/commands/progress.h"

#include <unistd.h>

#include <cstdio>

namespace zctrace::commands {

namespace {
constexpr std::string_view kMark = "\x1eprogress ";
}

Progress::Progress(Form form) : form_(form), on_terminal_(form == Form::terminal && isatty(STDERR_FILENO)) {}

Progress::~Progress() { clear(); }

void Progress::show(const std::string& stage, double percent) {
  std::string text = stage;
  if (percent >= 0) text += " " + std::to_string(static_cast<int>(percent)) + " %";
  if (text == shown_) return;
  shown_ = text;
  if (form_ == Form::lines)
    std::fprintf(stderr, "%.*s%s\n", static_cast<int>(kMark.size()), kMark.data(), text.c_str());
  else if (on_terminal_)
    std::fprintf(stderr, "\r\033[K%.79s", text.c_str());
  std::fflush(stderr);
}

void Progress::clear() {
  if (on_terminal_ && !shown_.empty()) std::fputs("\r\033[K", stderr);
  shown_.clear();
}

std::string_view Progress::stage_of(std::string_view line) {
  return line.starts_with(kMark) ? line.substr(kMark.size()) : std::string_view{};
}

}  // namespace zctrace::commands
