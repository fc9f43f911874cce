#include "userspace/commands/doctor.h"

#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "userspace/capture/capabilities.h"
#include "userspace/lab/kernel.h"
#include "userspace/lab/process.h"
#include "workloads/ethtool.h"

namespace zctrace::commands {

namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// One finding: what it is, what was found, what that means for the evidence, and what improves it.
void row(const std::string& what, bool good, const std::string& found, const std::string& meaning,
         const std::string& cure = "") {
  fmt::print("{} {:<17} {}\n", good ? "+" : "-", what, found);
  if (!meaning.empty()) fmt::print("  {:<17} {}\n", "", meaning);
  if (!good && !cure.empty()) fmt::print("  {:<17} improve: {}\n", "", cure);
}

const char* kLabCure = "zctrace run splice --kernel 6.12 (no root needed)";

void kernel_rows(const capture::KernelSymbols& symbols, const capture::Capabilities& kernel) {
  utsname name;
  uname(&name);
  fmt::print("This machine: Linux {}, {}\n\n", name.release, name.machine);
  const bool root = geteuid() == 0;
  row("privileges", kernel.tracepoints.empty(), root ? "root" : fmt::format("user {}", geteuid()),
      kernel.tracepoints.empty() ? "may load BPF programs" : "may not trace here: " + kernel.tracepoints,
      root ? kLabCure : "run as root (sudo), or CAP_BPF + CAP_PERFMON + CAP_NET_ADMIN");
  row("BTF", kernel.btf.empty(), kernel.btf.empty() ? "/sys/kernel/btf/vmlinux" : "missing",
      kernel.btf.empty() ? "" : "no program can be fitted to this kernel", "a kernel with CONFIG_DEBUG_INFO_BTF");
  const std::string lockdown = first_line("/sys/kernel/security/lockdown");
  const bool locked = lockdown.find("[none]") == std::string::npos && !lockdown.empty();
  row("lockdown", !locked, lockdown.empty() ? "not in this kernel" : lockdown,
      locked ? "the kernel hides its memory from BPF programs" : "", kLabCure);
  const std::string restrict = first_line("/proc/sys/kernel/kptr_restrict");
  const bool addresses = symbols.address("tcp_sendmsg_locked") != 0;
  row("addresses", addresses, addresses ? "/proc/kallsyms shows them" : "hidden, kptr_restrict " + restrict,
      addresses ? "" : "no breakpoint can be placed", "as root: sysctl kernel.kptr_restrict=1");
}

void mechanism_rows(const capture::KernelSymbols& symbols, const capture::Capabilities& kernel) {
  row("tracepoints", kernel.tracepoints.empty(), kernel.tracepoints.empty() ? "work" : kernel.tracepoints,
      "exact: calls, faults, switches, disk, transmit, receiver");
  row("fentry, fexit", kernel.fentry.empty(), kernel.fentry.empty() ? "work" : kernel.fentry,
      kernel.fentry.empty() ? "exact: copies by the ftrace sum, and in socket buffers"
                            : "the sender's copies are inferred from its calls only",
      kLabCure);
  row("debug registers", kernel.breakpoints.empty(), kernel.breakpoints.empty() ? "work" : kernel.breakpoints,
      kernel.breakpoints.empty() ? "each copy at its own instant: a second count"
                                 : "no breakpoints in the kernel: no second count",
      kLabCure);
  const bool kprobes = symbols.has_kprobes();
  row("kprobes", kprobes, kprobes ? "in this kernel" : "not in this kernel (CONFIG_KPROBES)",
      kprobes ? "not used (they lose events); breakpoints need them" : "kernel breakpoints are refused without them",
      kLabCure);
}

void device_rows() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/sys/class/net", ignored)) {
    const std::string device = entry.path().filename();
    if (first_line(entry.path() / "operstate") == "down") continue;
    const workloads::Features features = workloads::read_features(device);
    row("device " + device, features.scatter_gather,
        fmt::format("scatter-gather {}, tx checksum {}, TSO {}", features.scatter_gather ? "on" : "off",
                    features.tx_checksum ? "on" : "off", features.tso ? "on" : "off"),
        features.scatter_gather ? "" : "the device layer copies every byte it sends",
        "ethtool -K " + device + " sg on");
  }
}

void lab_rows() {
  const fs::path qemu = lab::find_program("qemu-system-x86_64");
  row("QEMU", !qemu.empty(), qemu.empty() ? "missing" : qemu.string(), "boots other kernels, exact counts without root",
      "apt-get install qemu-system-x86");
  for (const lab::Kernel& found : lab::list_kernels()) {
    const bool is_default = found.version == lab::default_kernel;
    if (found.fetched())
      row("kernel " + found.version, true, found.release + (is_default ? ", the lab's default" : ""), "");
    else if (is_default)
      row("kernel " + found.version, false, "not fetched, the lab's default", "", "zctrace lab fetch " + found.version);
    else
      fmt::print("  {:<17} not fetched: zctrace lab fetch {}\n", "kernel " + found.version, found.version);
  }
}

void conclusion(const capture::Capabilities& kernel) {
  fmt::print("\nOn this machine's kernel: ");
  if (kernel.can_count_exactly())
    fmt::print("exact copies, counted twice and checked.\n");
  else if (kernel.can_sum())
    fmt::print("copies by the all-ftrace sum, counted once.\n");
  else if (kernel.can_trace())
    fmt::print("all exact but the sender's copies: inferred.\n");
  else
    fmt::print("nothing for this user.\n");
}

}  // namespace

void add_doctor(CLI::App& app) {
  app.add_subcommand("doctor", "what this kernel lets us see, and how to see more")->callback([] {
    const auto& [symbols, kernel] = capture::running_kernel();
    kernel_rows(symbols, kernel);
    mechanism_rows(symbols, kernel);
    device_rows();
    lab_rows();
    conclusion(kernel);
  });
}

}  // namespace zctrace::commands
