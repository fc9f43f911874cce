#include "workloads/file/mountinfo.h"

#include <fmt/core.h>

#include <charconv>
#include <fstream>
#include <sstream>

namespace zctrace::workloads {
namespace {

/// Undoes the octal escapes that stand for blanks (\040) and the like.
std::string unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 4], code, 8).ptr == &text[i + 4]) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::optional<Mount> parse_mount(std::string_view line) {
  // "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard": a dash ends a list of any length.
  const size_t dash = line.find(" - ");
  if (dash == line.npos) return std::nullopt;
  Mount mount;
  std::istringstream start{std::string(line.substr(0, dash))};
  unsigned parent = 0, major = 0, minor = 0;
  char colon = 0;
  if (!(start >> mount.id >> parent >> major >> colon >> minor)) return std::nullopt;
  mount.device = uint64_t{major} << 20 | minor;
  std::istringstream rest{std::string(line.substr(dash + 3))};
  std::string source, options;
  rest >> mount.filesystem >> source >> options;
  mount.source = unescape(source);
  std::istringstream list(options);
  for (std::string option; std::getline(list, option, ',');) mount.options.push_back(unescape(option));
  return mount;
}

std::optional<Mount> mount_of(int fd) {
  int wanted = -1;
  std::ifstream info(fmt::format("/proc/self/fdinfo/{}", fd));
  for (std::string key; info >> key;) {
    if (key == "mnt_id:") info >> wanted;
  }
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    if (auto mount = parse_mount(line); mount && mount->id == wanted) return mount;
  }
  return std::nullopt;
}

}  // namespace zctrace::workloads
