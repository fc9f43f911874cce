#include "viz/terminal/style.h"

#include <langinfo.h>
#include <locale.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace zctrace::terminal {
namespace {

/// Middle tones of the 256-colour palette: the basic eight are themed, and blue is often unreadable on black.
const char* code(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::strong:
      return "1";
    case Ink::dim:
      return "38;5;244";
    case Ink::cpu:
      return "1;38;5;167";
    case Ink::dma:
      return "38;5;33";
    case Ink::reference:
      return "38;5;35";
    case Ink::transform:
      return "1;38;5;134";
    case Ink::good:
      return "1;38;5;35";
    case Ink::warn:
      return "38;5;136";
  }
  return "";
}

/// Empty where it is not set.
std::string_view value_of(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

/// CLICOLOR_FORCE: colour, also into a pipe.
bool forced() { return !value_of("CLICOLOR_FORCE").empty() && value_of("CLICOLOR_FORCE") != "0"; }

/// Says the locale's name so? It need not be one that is installed here.
bool named_utf8() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const std::string name(value_of(variable)); !name.empty()) {
      const char* codeset = std::strchr(name.c_str(), '.');
      return codeset != nullptr && (strncasecmp(codeset, ".UTF-8", 6) == 0 || strncasecmp(codeset, ".UTF8", 5) == 0);
    }
  return false;
}

bool locale_is_utf8() {
  if (named_utf8()) return true;
  // Asks the environment without changing the program's own locale: numbers must not get a decimal comma.
  const locale_t locale = newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return false;
  const bool utf8 = std::strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
  freelocale(locale);
  return utf8;
}

}  // namespace

Style style_of(std::FILE* stream) {
  Style style;
  // Who asks for Chinese on the command line can read it, whatever a bare environment says.
  style.unicode = locale_is_utf8() || asked_language() == Language::chinese;
  if (style.unicode) style.language = chosen_language();
  const int fd = fileno(stream);
  const bool tty = isatty(fd) != 0;
  const char* terminal = std::getenv("TERM");
  const bool able = tty && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
  style.colour = value_of("NO_COLOR").empty() && (able || forced());
  winsize size{};
  if (!tty || ioctl(fd, TIOCGWINSZ, &size) != 0) return style;
  // Wider lines are harder to read, not easier.
  if (size.ws_col > 0) style.width = std::clamp<int>(size.ws_col, 40, 120);
  style.rows = size.ws_row;
  return style;
}

std::string paint(std::string_view text, Ink ink, const Style& style) {
  std::string shown;
  for (const auto character : characters(text)) {
    if (style.unicode) {
      shown += utf8(character);
    } else {
      shown += to_ascii(character);
      if (columns(character) == 2) shown += '?';
    }
  }
  if (!style.colour || ink == Ink::plain || shown.empty()) return shown;
  return std::string("\x1b[") + code(ink) + "m" + shown + "\x1b[0m";
}

}  // namespace zctrace::terminal
