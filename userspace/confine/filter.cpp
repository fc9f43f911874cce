#include "userspace/confine/filter.h"

#include <linux/bpf.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <initializer_list>

namespace zctrace::confine {

namespace {

class Filter {
 public:
  explicit Filter(uint32_t otherwise) : context_(seccomp_init(otherwise)) {}
  ~Filter() { seccomp_release(context_); }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  /// Names that this library does not know yet are calls that this program does not know either.
  void add(uint32_t action, std::initializer_list<const char*> calls) {
    for (const char* name : calls)
      if (const int call = seccomp_syscall_resolve_name(name); call != __NR_SCMP_ERROR)
        seccomp_rule_add(context_, action, call, 0);
  }
  void add(uint32_t action, int call, scmp_arg_cmp condition) {
    seccomp_rule_add_array(context_, action, call, 1, &condition);
  }
  void load() { seccomp_load(context_); }

 private:
  scmp_filter_ctx context_;
};

/// Of bpf(2): maps are read, programs that are loaded are set on a JVM that appears; with pins for the next zctrace, where
/// that is wanted.
void allow_bpf_on_what_is_open(Filter& filter) {
  static constexpr std::array<uint32_t, 12> kAllowed{BPF_MAP_CREATE,
                                                     BPF_MAP_LOOKUP_ELEM,
                                                     BPF_MAP_UPDATE_ELEM,
                                                     BPF_MAP_DELETE_ELEM,
                                                     BPF_MAP_GET_NEXT_KEY,
                                                     BPF_OBJ_PIN,
                                                     BPF_OBJ_GET_INFO_BY_FD,
                                                     BPF_MAP_LOOKUP_AND_DELETE_ELEM,
                                                     BPF_MAP_LOOKUP_BATCH,
                                                     BPF_MAP_LOOKUP_AND_DELETE_BATCH,
                                                     BPF_LINK_CREATE,
                                                     BPF_ITER_CREATE};
  const uint32_t beyond = *std::ranges::max_element(kAllowed) + 1;
  for (uint32_t command = 0; command < beyond; ++command)
    if (std::ranges::find(kAllowed, command) == kAllowed.end())
      filter.add(SCMP_ACT_ERRNO(EPERM), SYS_bpf, SCMP_A0_32(SCMP_CMP_EQ, command));
  filter.add(SCMP_ACT_ERRNO(EPERM), SYS_bpf, SCMP_A0_32(SCMP_CMP_GE, beyond));
}

}  // namespace

void filter_trace(bool programs) {
  Filter filter(SCMP_ACT_ALLOW);
  allow_bpf_on_what_is_open(filter);
  if (!programs) filter.add(SCMP_ACT_ERRNO(EPERM), {"execve", "execveat"});
  filter.add(SCMP_ACT_ERRNO(EPERM),
             {// others' memory and threads
              "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
              "userfaultfd", "move_pages", "migrate_pages",
              // the kernel itself
              "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "syslog",
              "iopl", "ioperm", "modify_ldt", "vm86", "acct", "swapon", "swapoff", "quotactl", "quotactl_fd",
              "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname", "vhangup",
              "lookup_dcookie", "nfsservctl", "personality", "add_key", "request_key", "keyctl",
              // what is where
              "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount",
              "fspick", "mount_setattr", "setns", "unshare", "mknod", "mknodat", "name_to_handle_at",
              "open_by_handle_at",
              // who we are
              "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
              "setgroups",
              // strangers, and ways around this filter
              "bind", "listen", "accept", "accept4", "io_uring_setup", "io_uring_enter", "io_uring_register"});
  filter.load();
}

void filter_server() {
  Filter filter(SCMP_ACT_ERRNO(EPERM));
  filter.add(SCMP_ACT_ALLOW,
             {"accept", "accept4", "poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "read", "readv",
              "write", "writev", "recvfrom", "recvmsg", "sendto", "sendmsg", "close", "shutdown", "setsockopt",
              "getsockopt", "getsockname", "getpeername", "fcntl",
              // memory, threads, time
              "mmap", "munmap", "mremap", "madvise", "mprotect", "brk", "clone", "clone3", "set_robust_list", "rseq",
              "futex", "sched_yield", "sched_getaffinity", "sigaltstack", "rt_sigaction", "rt_sigprocmask",
              "rt_sigreturn", "restart_syscall", "exit", "exit_group", "gettid", "getpid", "tgkill", "membarrier",
              "getrandom", "clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday", "prlimit64", "sysinfo"});
#ifdef __SANITIZE_ADDRESS__
  filter.add(SCMP_ACT_ALLOW, {"pipe", "pipe2"});  // UBSan's way to ask whether memory can be read
#endif
  filter.load();
}

bool has_filters() {
  const uint32_t action = SECCOMP_RET_ERRNO;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

}  // namespace zctrace::confine
