#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/language/message.h"

namespace zctrace::terminal {

/// One line of progress on standard error, redrawn in place: on a terminal only, gone when done. In the chosen
/// language.
class Progress {
 public:
  enum class Form {
    terminal,  ///< redrawn in place; silent where standard error is no terminal
    lines,     ///< one marked line per change, a message in JSON, for a zctrace that reads them
  };
  explicit Progress(Form form = Form::terminal);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `percent` 0 to 100, or negative where it is unknown.
  void show(const Message& stage, double percent = -1);
  void clear();
  /// From now on each line begins with "[3/12] "; of 0: with nothing.
  void number(size_t done, size_t of) { done_ = done, of_ = of; }

  /// The stage in a marked line; nothing if `line` is not one.
  static std::optional<Message> stage_of(std::string_view line);

 private:
  Form form_;
  bool on_terminal_;
  Language language_;
  std::string shown_;
  size_t done_ = 0, of_ = 0;
};

}  // namespace zctrace::terminal
