#include "workloads/run/java.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "base/io.h"
#include "base/parts.h"

namespace zctrace::workloads {
namespace {

namespace fs = std::filesystem;

/// A JRE has no compiler, and cannot run a source file.
bool is_jdk(const fs::path& java) {
  std::error_code error;
  const fs::path real = fs::canonical(java, error);
  return !error && access(real.c_str(), X_OK) == 0 && fs::exists(real.parent_path() / "javac", error);
}

}  // namespace

std::optional<std::string> find_java() {
  const char* home = std::getenv("JAVA_HOME");
  if (home && is_jdk(fs::path(home) / "bin/java")) return fs::path(home) / "bin/java";
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (!folder.empty() && is_jdk(fs::path(folder) / "java")) return fs::path(folder) / "java";
  return {};
}

void become_java(const SenderOptions& options, uint64_t size) {
  const auto java = find_java();
  if (!java) throw Error(ExitStatus::failed, kNoJava, kNoJavaHint);
  const fs::path folder = part("java");
  // What the JVM's own threads do would be counted as the transfer's: with the simplest collector and no compiler there
  // are few, and they sleep.
  std::vector<std::string> command{*java, "-XX:+UseSerialGC", "-Xint", "-Djava.net.preferIPv4Stack=true",
                                   "--add-opens=java.base/java.io=ALL-UNNAMED"};
  // To compile it takes a second, and half a minute where the machine is emulated.
  if (fs::exists(folder / "Sender.class"))
    command.insert(command.end(), {"-cp", folder, "Sender"});
  else
    command.push_back(folder / "Sender.java");
  command.insert(command.end(), {options.method->java, options.source, std::to_string(size),
                                 std::to_string(options.chunk), options.sinks.front()});
  if (options.gate >= 0) command.push_back(std::to_string(options.gate));
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  throw system_error("starting " + *java);
}

}  // namespace zctrace::workloads
