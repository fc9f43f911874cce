#include "viz/terminal/top/screen.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace zctrace::terminal {

namespace {

// The other screen, no cursor, no wrapping of a line whose width a terminal sees differently.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J", kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

constexpr std::array kFatal{SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// A signal's handler needs them.
int keys_fd = -1;
termios usual_keys, our_keys;
volatile std::sig_atomic_t taken_over = 0;
std::array<struct sigaction, kFatal.size()> usual_fatal;

void put(std::string_view text) {
  while (!text.empty()) {
    const auto done = write(STDOUT_FILENO, text.data(), text.size());
    if (done < 0 && errno == EAGAIN) {
      pollfd ready{STDOUT_FILENO, POLLOUT, 0};
      poll(&ready, 1, 100);
    } else if (done < 0 && errno != EINTR) {
      return;  // the terminal has gone
    } else if (done > 0) {
      text.remove_prefix(static_cast<size_t>(done));
    }
  }
}

// From here on also in signal handlers.

void take_over() {
  if (keys_fd >= 0) tcsetattr(keys_fd, TCSADRAIN, &our_keys);
  put(kEnter);
  taken_over = 1;
}

void give_back() {
  if (!taken_over) return;
  taken_over = 0;
  put(kLeave);
  if (keys_fd >= 0) tcsetattr(keys_fd, TCSADRAIN, &usual_keys);
}

void on_fatal(int signal) {
  give_back();
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // comes when we return from here
}

winsize size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) size = {24, 80, 0, 0};
  return size;
}

constexpr std::array<std::pair<std::string_view, Key>, 10> kSequences{{{"\x1b[A", Key::up},
                                                                       {"\x1bOA", Key::up},
                                                                       {"\x1b[B", Key::down},
                                                                       {"\x1bOB", Key::down},
                                                                       {"\x1b[5~", Key::page_up},
                                                                       {"\x1b[6~", Key::page_down},
                                                                       {"\x1b[H", Key::first},
                                                                       {"\x1b[1~", Key::first},
                                                                       {"\x1b[F", Key::last},
                                                                       {"\x1b[4~", Key::last}}};

Key key_of(char letter) {
  switch (letter) {
    case 'q':
    case 'Q':
      return Key::quit;
    case 's':
      return Key::sort;
    case 'c':
      return Key::connections;
    case 'p':
      return Key::pause;
    case 'h':
    case '?':
      return Key::help;
    case 'k':
      return Key::up;
    case 'j':
      return Key::down;
    case '\x1a':
      return Key::stop;
    case ' ':
      return Key::page_down;
    case 'g':
      return Key::first;
    case 'G':
      return Key::last;
    default:
      return Key::other;
  }
}

}  // namespace

Key take_key(std::string& typed) {
  if (typed.empty()) return Key::none;
  for (const auto& [sequence, key] : kSequences)
    if (typed.starts_with(sequence)) {
      typed.erase(0, sequence.size());
      return key;
    }
  if (typed[0] == '\x1b') {  // a key we do not know
    typed.clear();
    return Key::other;
  }
  const Key key = key_of(typed[0]);
  typed.erase(0, 1);
  return key;
}

bool Screen::possible() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && terminal != nullptr && *terminal != '\0' && std::strcmp(terminal, "dumb") != 0;
}

Screen::Screen() {
  keys_fd = isatty(STDIN_FILENO) != 0 ? dup(STDIN_FILENO) : open("/dev/tty", O_RDONLY | O_CLOEXEC);
  if (keys_fd >= 0 && tcgetattr(keys_fd, &usual_keys) == 0) {
    our_keys = usual_keys;
    our_keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    our_keys.c_cc[VMIN] = 0;
    our_keys.c_cc[VTIME] = 0;
    our_keys.c_cc[VSUSP] = _POSIX_VDISABLE;  // Ctrl-Z: not before the terminal is given back
  } else if (keys_fd >= 0) {
    close(keys_fd);
    keys_fd = -1;
  }
  for (size_t i = 0; i < kFatal.size(); ++i) {
    struct sigaction ours {};
    ours.sa_handler = on_fatal;
    sigaction(kFatal[i], nullptr, &usual_fatal[i]);
    if (usual_fatal[i].sa_handler == SIG_DFL) sigaction(kFatal[i], &ours, nullptr);
  }
  take_over();
}

Screen::~Screen() {
  give_back();
  for (size_t i = 0; i < kFatal.size(); ++i)
    if (usual_fatal[i].sa_handler == SIG_DFL) sigaction(kFatal[i], &usual_fatal[i], nullptr);
  if (keys_fd >= 0) close(std::exchange(keys_fd, -1));
}

int Screen::rows() const { return size().ws_row; }
int Screen::columns() const { return size().ws_col; }

bool Screen::spoilt() const { return rows() != drawn_rows_ || columns() != drawn_columns_; }

void Screen::stop() {
  give_back();
  sigset_t stop, before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  kill(0, SIGTSTP);
  // It reaches us here at the latest, also where signals are kept for somebody else.
  pthread_sigmask(SIG_UNBLOCK, &stop, &before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  take_over();
  drawn_rows_ = 0;
}

void Screen::draw(const std::vector<std::string>& lines) {
  const auto now = size();
  // What was there is written over, not wiped away first, which would flicker.
  std::string text = spoilt() ? "\x1b[2J\x1b[H" : "\x1b[H";
  for (size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "" : "\r\n") + lines[i] + "\x1b[K";
  text += "\x1b[J";
  put(text);
  drawn_rows_ = now.ws_row;
  drawn_columns_ = now.ws_col;
}

Key Screen::wait_key(int timeout_ms) {
  if (!typed_.empty()) return take_key(typed_);
  pollfd ready{keys_fd, POLLIN, 0};  // a negative one is left alone, and only the time passes
  if (poll(&ready, 1, timeout_ms) <= 0) return Key::none;
  char bytes[64];
  const auto got = read(keys_fd, bytes, sizeof bytes);
  if (got > 0) {
    typed_.assign(bytes, static_cast<size_t>(got));
  } else if (got == 0 || errno == EIO) {  // the terminal has gone: it would be "ready" for ever
    return Key::quit;
  }
  return take_key(typed_);
}

}  // namespace zctrace::terminal
