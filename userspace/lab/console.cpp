#include "userspace/lab/console.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace zctrace::lab {

namespace {
constexpr size_t kept_bytes = 16 << 10;
}

void Console::add(std::string_view bytes) {
  for (const char byte : bytes)
    if (byte == '\n' || (byte >= ' ' && byte <= '~')) text_ += byte;
  if (text_.size() > 2 * kept_bytes) text_.erase(0, text_.size() - kept_bytes);
}

std::string Console::panic() const {
  const size_t found = text_.find("Kernel panic");
  return found == std::string::npos ? "" : text_.substr(found, text_.find('\n', found) - found);
}

std::string Console::telling_lines(size_t lines) const {
  std::vector<std::string> all;
  std::istringstream text(text_);
  for (std::string line; std::getline(text, line);)
    if (!line.empty()) all.push_back(line);
  const auto crash = std::find_if(all.begin(), all.end(), [](const std::string& line) {
    return line.find("BUG:") != line.npos || line.find("Oops") != line.npos || line.find("Kernel panic") != line.npos;
  });
  const size_t end_first = all.size() - std::min(lines, all.size());
  const size_t first = crash == all.end() ? end_first : static_cast<size_t>(crash - all.begin());
  std::string tail;
  for (size_t i = first; i < std::min(first + lines, all.size()); ++i) tail += "\n    " + all[i];
  return tail;
}

}  // namespace zctrace::lab
