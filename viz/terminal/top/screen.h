#pragma once

#include <string>
#include <vector>

namespace zctrace::terminal {

enum class Key : char {
  none,
  quit,
  sort,
  connections,
  pause,
  help,
  stop,
  up,
  down,
  page_up,
  page_down,
  first,
  last,
  other
};

/// The terminal of standard output, taken over: its other screen, no cursor, keys at once. Given back when destroyed,
/// also when a signal ends us meanwhile. One at a time.
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Can standard output be drawn on?
  static bool possible();

  int rows() const;
  int columns() const;
  void draw(const std::vector<std::string>& lines);
  /// Was drawn on by others, or has another size, since the last draw()?
  bool spoilt() const;
  /// Ctrl-Z: gives the terminal back, stops us and the programs of our group, takes it over when we are continued.
  void stop();
  /// The next key; `none` where there was none for so long, or a signal came.
  Key wait_key(int timeout_ms);

 private:
  int drawn_rows_ = 0, drawn_columns_ = 0;
  std::string typed_;
};

/// What the bytes that a terminal sends for a key mean; takes them off `typed`.
Key take_key(std::string& typed);

}  // namespace zctrace::terminal
