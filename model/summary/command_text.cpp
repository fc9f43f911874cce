#include "model/summary/command_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace zctrace::summary {
namespace {

/// Of java's options those whose value is a word of its own.
constexpr std::array<std::string_view, 13> kWithValue{
    "-cp",           "-classpath",  "--class-path",  "-p",          "--module-path", "--upgrade-module-path",
    "--add-modules", "--add-reads", "--add-exports", "--add-opens", "--source",      "--limit-modules",
    "--patch-module"};
constexpr std::array<std::string_view, 3> kBeforeMain{"-jar", "-m", "--module"};

bool is_java(std::string_view program) { return program == "java" || program.ends_with("/java"); }

template <class Words>
bool among(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::string command_text(const std::vector<std::string>& command) {
  size_t main = 1;
  if (!command.empty() && is_java(command.front()))
    while (main < command.size() && (command[main].starts_with('-') || command[main].starts_with('@')) &&
           !among(kBeforeMain, command[main]))
      main += among(kWithValue, command[main]) ? 2 : 1;
  if (main == 1 || main >= command.size()) return fmt::format("{}", fmt::join(command, " "));
  return fmt::format("java … {}", fmt::join(command.begin() + static_cast<std::ptrdiff_t>(main), command.end(), " "));
}

}  // namespace zctrace::summary
