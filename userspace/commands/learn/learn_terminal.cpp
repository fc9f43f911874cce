#include "userspace/commands/learn/learn_terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "model/language/texts.h"
#include "viz/terminal/tour/text.h"

namespace zctrace::commands {
namespace {

using namespace tour;
using namespace terminal;

/// The tour is text to read: no line is longer, however wide the terminal.
constexpr int kWidest = 80;

Style tour_style() {
  auto style = terminal::style_of(stdout);
  style.width = std::min(style.width, kWidest);
  return style;
}

void print(const Lines& lines) {
  for (const auto& line : lines) fmt::print("{}\n", line);
}

/// The person left.
struct Left {};

/// A line that was typed, without blanks around it. Throws Left at the end of the input and for "q".
std::string typed_line() {
  std::string line;
  for (char letter = 0; letter != '\n';) {
    const auto got = read(STDIN_FILENO, &letter, 1);
    if (got < 0 && errno == EINTR && InterruptGuard::count() == 0) continue;
    if (got != 1) {
      fmt::print("\n");
      if (got < 0 && errno == EINTR) throw ExitWith{ExitStatus::interrupted};
      throw Left{};
    }
    if (!std::isspace(static_cast<unsigned char>(letter))) line += static_cast<char>(std::tolower(letter));
  }
  if (line == "q") throw Left{};
  return line;
}

int rows() {
  winsize size{};
  constexpr int kUsual = 24;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : kUsual;
}

/// Shows parts one below the other and waits where the next one would push away what was not read yet.
class Screen {
 public:
  explicit Screen(const Style& style) : style_(style) {}

  void show(const Lines& part) {
    if (part.empty()) return;
    const int height = static_cast<int>(part.size()) + 1;  // and a line between parts
    if (used_ > 0 && used_ + height >= rows()) pause(Text::tour_more);
    fmt::print("\n");
    print(part);
    used_ += height;
  }

  /// Waits for Enter; the line that asked for it is gone then.
  void pause(Text what) {
    ask(words(what, style_.language));
    fmt::print("\033[A\033[2K\033[A");
  }

  std::string ask(std::string_view question) {
    fmt::print("\n {}", terminal::paint(question, Ink::dim, style_));
    std::fflush(stdout);
    auto line = typed_line();
    used_ = 0;  // who answers has read what is above
    return line;
  }

 private:
  const Style& style_;
  int used_ = 0;  ///< rows since the last pause
};

/// What `typed` predicts; nothing where it is no answer to the question.
std::optional<double> understood(const TourQuestion& question, std::string typed) {
  if (!question.choices.empty()) {
    const int index = typed.size() == 1 ? typed[0] - 'a' : -1;
    if (index < 0 || index >= static_cast<int>(question.choices.size())) return {};
    return index;
  }
  std::erase(typed, ',');
  char* end = nullptr;
  const double number = std::strtod(typed.c_str(), &end);
  if (typed.empty() || *end != '\0' || !std::isfinite(number) || number < 0) return {};
  return number;
}

Prediction ask_prediction(const TourQuestion& question, Screen& screen, const Style& style) {
  const auto language = style.language;
  const bool letters = !question.choices.empty();
  const auto last = std::string(1, static_cast<char>('a' + static_cast<int>(question.choices.size()) - 1));
  const auto prompt =
      letters ? say(language, Text::tour_ask_choice, "a", last) : std::string(words(Text::tour_ask_number, language));
  for (;;) {
    const auto typed = screen.ask(prompt);
    if (typed.empty()) return {};
    if (const auto prediction = understood(question, typed)) return prediction;
    print(paragraph_lines(letters ? say(language, Text::tour_ask_again_choice, "a", last)
                                  : std::string(words(Text::tour_ask_again_number, language)),
                          Ink::warn, style));
  }
}

void welcome(const TourRuns& runs, const Style& style) {
  const auto recorded = runs.recorded(style.language);
  print(paragraph_lines(say_either(style.language, recorded.empty(), Text::tour_welcome, Text::tour_welcome_recorded,
                                   built_in().steps.size()),
                        Ink::plain, style));
  if (!recorded.empty()) print(paragraph_lines(say(style.language, Text::tour_recording, recorded), Ink::warn, style));
}

/// The parts of a step that show what was measured.
template <class Show>
void show_measured(const TourStep& step, const RenderedStep& rendered, const TourRuns& runs, Prediction prediction,
                   const Style& style, const Show& show) {
  show(answer_lines(rendered, prediction, style));
  show(picture_lines(step, runs.documents(), style));
  show(figure_lines(rendered, style));
  show(why_lines(step, rendered, style));
}

}  // namespace

void tour_on_terminal(TourRuns& runs, size_t first) try {
  const auto style = tour_style();
  Screen screen(style);
  size_t right = 0, asked = 0;
  welcome(runs, style);
  const auto& steps = built_in().steps;
  for (size_t number = first; number < steps.size(); ++number) {
    const auto& step = steps[number];
    screen.show(heading_lines(number, style));
    screen.show(story_lines(step, style));
    Prediction prediction;
    if (step.question) {
      screen.show(asked_lines(step, style));
      screen.show(question_lines(step, style));
      prediction = ask_prediction(*step.question, screen, style);
    }
    runs.wait_for(step.runs());
    const auto rendered = render(step, runs.documents(), style.language);
    if (prediction && tour::known(*rendered.answer)) {
      ++asked;
      if (is_right(rendered, *prediction)) ++right;
    }
    show_measured(step, rendered, runs, prediction, style, [&](const Lines& part) { screen.show(part); });
    if (number + 1 < steps.size()) screen.pause(Text::tour_next);
  }
  screen.show(farewell_lines(right, asked, style));
} catch (const Left&) {
}

void tour_as_text(TourRuns& runs, size_t first) {
  const auto style = tour_style();
  const auto show = [](const Lines& part) {
    if (part.empty()) return;
    fmt::print("\n");
    print(part);
  };
  welcome(runs, style);
  const auto& steps = built_in().steps;
  for (size_t number = first; number < steps.size(); ++number) {
    const auto& step = steps[number];
    show(heading_lines(number, style));
    show(story_lines(step, style));
    show(asked_lines(step, style));
    show(question_lines(step, style));
    std::fflush(stdout);
    runs.wait_for(step.runs());
    show_measured(step, render(step, runs.documents(), style.language), runs, {}, style, show);
  }
  show(farewell_lines(0, 0, style));
}

}  // namespace zctrace::commands
