#include "userspace/capture/refusal.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace zctrace::capture {

namespace {

std::string last_warning;

int keep_warning(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char* text = nullptr;
  if (vasprintf(&text, format, arguments) < 0) return 0;
  if (last_warning.empty()) last_warning = text;
  if (getenv("ZCTRACE_DEBUG")) fputs(text, stderr);  // with the verifier's log
  free(text);
  return 0;
}

}  // namespace

void keep_warnings() {
  libbpf_set_print(keep_warning);
  last_warning.clear();
}

void refuse(const std::string& what, int error) {
  std::string reason = strerror(error);
  const std::string first = last_warning.substr(0, last_warning.find('\n'));
  if (!first.empty()) reason += "; " + first;
  // EACCES is the verifier's word. The types of modules are for CAP_SYS_ADMIN only, and libbpf makes EINVAL of that.
  const bool permission = error == EPERM || first.find("failed to iterate BTF objects: -1") != first.npos;
  throw Error(permission ? ExitStatus::not_permitted : ExitStatus::failed, what + ": " + reason,
              permission        ? std::string("run it as root (sudo), or in the lab: zctrace run ... --kernel 6.12")
              : error == EMFILE ? std::string("ulimit -n 1024")
              : error == ENOMEM ? std::string("give it more memory: ulimit -v, or the limit of its cgroup")
                                : std::string("zctrace doctor"));
}

}  // namespace zctrace::capture
