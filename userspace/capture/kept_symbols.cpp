#include "userspace/capture/kept_symbols.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/io.h"
#include "userspace/capture/guest_command.h"
#include "userspace/capture/kallsyms.h"

namespace zctrace::capture {

namespace {

constexpr const char *kKept = "/run/zctrace/kallsyms", *kOf = "/run/zctrace/kallsyms.of";

/// What decides on the kernel's list: who may see addresses, and which modules are loaded where, however many use them.
std::string state() {
  std::istringstream lines(read_text("/proc/modules"));
  std::string found;
  for (const char* setting : {"kptr_restrict", "perf_event_paranoid"})
    found += read_text(std::string("/proc/sys/kernel/") + setting) + '\n';
  for (std::string line; std::getline(lines, line);)  // "ext4 1130496 1 - Live 0xffffffffc0a5b000"
    found += line.substr(0, line.find(' ')) + line.substr(std::min(line.rfind(" 0x"), line.size())) + '\n';
  return found;
}

void write(const char* path, const std::string& text) {
  std::ofstream file(path);
  if (!(file << text).flush() || chmod(path, 0644) != 0) throw system_error(std::string("writing ") + path);
}

}  // namespace

std::string kallsyms() {
  if (in_lab()) {
    std::string kept = read_text(kKept);
    if (!kept.empty() && read_text(kOf) + '\n' == state()) return kept;
  }
  return read_text("/proc/kallsyms");
}

void keep_kallsyms(const std::unordered_set<std::string_view>& wanted) {
  const std::string all = read_text("/proc/kallsyms");
  std::string kept;
  each_symbol_in(all, [&](const KernelSymbol& symbol) {
    if (wanted.contains(symbol.name)) kept += std::string(symbol.line) + '\n';
  });
  write(kOf, state());
  write(kKept, kept);
}

}  // namespace zctrace::capture
