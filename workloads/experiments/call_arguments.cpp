#include "workloads/experiments/call_arguments.h"

#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "base/io.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

const std::string kTracefs = "/sys/kernel/tracing";

/// Mounts tracefs for the calling thread alone; nobody else sees it, and it is gone with the thread.
bool mount_privately() {
  return unshare(CLONE_NEWNS) == 0 && mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tracefs", kTracefs.c_str(), "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
}

std::vector<CallArguments> read_all(const std::vector<std::string>& calls) {
  std::vector<CallArguments> found;
  for (const std::string& call : calls) {
    // The kernel's own name of a call may carry the width of its offset: sendfile64.
    for (const char* suffix : {"", "64"}) {
      const std::string format = read_text(kTracefs + "/events/syscalls/sys_enter_" + call + suffix + "/format");
      if (const auto arguments = arguments_in(format)) {
        found.push_back({call, *arguments});
        break;
      }
    }
  }
  return found;
}

}  // namespace

std::optional<unsigned> arguments_in(const std::string& format) {
  std::istringstream lines(format);
  bool is_syscall = false;
  unsigned arguments = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("field:") == line.npos) continue;
    const std::string declared = line.substr(0, line.find(';'));
    const size_t name = declared.find_last_of(" *");
    if (name == declared.npos) continue;
    const std::string field = declared.substr(name + 1);
    if (field == "__syscall_nr") is_syscall = true;
    // Every event has the common ones; those with two underscores are the tracer's own additions.
    if (!field.starts_with("common_") && !field.starts_with("__")) ++arguments;
  }
  return is_syscall ? std::optional(arguments) : std::nullopt;
}

std::vector<CallArguments> call_arguments(const std::vector<std::string>& calls) {
  std::vector<CallArguments> found = read_all(calls);
  if (!found.empty()) return found;
  std::thread([&] {
    if (mount_privately()) found = read_all(calls);
  }).join();
  return found;
}

std::vector<std::string> calls_of_methods() {
  std::vector<std::string> calls;
  for (const Method& method : methods()) {
    // "read (O_DIRECT), write"
    std::istringstream list(method.calls);
    for (std::string item; std::getline(list >> std::ws, item, ',');) {
      const std::string call = item.substr(0, item.find(' '));
      if (std::find(calls.begin(), calls.end(), call) == calls.end()) calls.push_back(call);
    }
  }
  return calls;
}

}  // namespace zctrace::workloads
