#include "userspace/lab/emulator.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/io.h"
#include "base/process.h"
#include "base/running.h"
#include "base/spawn.h"

namespace zctrace::lab {

namespace {

/// panic=-1 with -no-reboot: a kernel that panics ends QEMU at once. no_timer_check: on a busy host the check of the
/// emulated timer fails by chance and panics. tsc=reliable: all emulated processors read the host's one counter; the
/// watchdog would fall back to a clock that costs an exit per reading. How fast that counter is, the guest is told
/// below (tsc_early_khz, since 5.10): a guest that measured it on a busy host had a clock twenty times too fast.
/// mitigations=off: a retpoline turns each indirect call into a return, and to find where that leads is what emulation
/// spends most time on. init_on_alloc=0: a guest has no secrets of others, whose pages would be cleared before use.
constexpr const char* kernel_parameters =
    "console=ttyS0 quiet panic=-1 oops=panic no_timer_check tsc=reliable random.trust_cpu=on mitigations=off "
    "init_on_alloc=0";

}  // namespace

std::vector<std::string> qemu_command(const Machine& machine) {
  std::vector<std::string> command = {
      machine.qemu,
      "-no-user-config",
      "-nodefaults",
      "-display",
      "none",
      "-no-reboot",
      // A guest that breaks out of it starts no program and gets no privilege.
      "-sandbox",
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny",
      "-machine",
      "pc",
      // One thread for both CPUs: with two, a CPU now and then ran an instruction that the kernel was just patching
      // (int3 in __schedule while a tracepoint was switched on), and panicked: 2 of 10 runs on 6.12.
      "-accel",
      "tcg,thread=single",
      // With all that programs of this machine may have been built for, but not with the word that `rep movsb` is the
      // fastest copy: it is emulated byte by byte. Nor with a fifth level of page tables, which each walk would read.
      "-cpu",
      "max,erms=off,la57=off",
      "-smp",
      "2",
      "-m",
      fmt::format("{}M", machine.memory_mib),
      "-kernel",
      machine.kernel,
      "-initrd",
      machine.initramfs,
      "-append",
      fmt::format("{} tsc_early_khz={} {}{}{}", kernel_parameters, machine.counter_khz, last_parameter,
                  machine.append.empty() ? "" : " ", machine.append),
      // The host's root, read-only; a root of several mounts needs inode numbers told apart.
      "-virtfs",
      "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
      "-add-fd",
      fmt::format("fd={},set=1", machine.disk_fd),
      "-drive",
      "file=/dev/fdset/1,if=none,id=disk,format=raw,auto-read-only=off,cache=unsafe,discard=unmap",
      "-netdev",
      "hubport,hubid=0,id=sender",
      "-netdev",
      "hubport,hubid=0,id=sink",
      "-device",
      fmt::format("vmxnet3,netdev=sender,mac={},romfile=", sender_mac),
      "-device",
      fmt::format("virtio-net-pci,netdev=sink,mac={},romfile=", sink_mac),
      "-chardev",
      fmt::format("socket,id=console,fd={}", machine.console_fd),
      "-serial",
      "chardev:console",
      "-device",
      "virtio-serial-pci",
  };
  const auto add_port = [&command](const char* name, int fd) {
    command.insert(command.end(), {"-chardev", fmt::format("socket,id={},fd={}", name, fd), "-device",
                                   fmt::format("virtserialport,chardev={0},name=zctrace.{0}", name)});
  };
  add_port("control", machine.control_fd);
  add_port("out", machine.out_fd);
  add_port("err", machine.err_fd);
  add_port("in", machine.in_fd);
  add_port("data", machine.data_fd);
  command.insert(command.end(), {"-chardev", fmt::format("socket,id=monitor,fd={}", machine.monitor_fd), "-mon",
                                 "chardev=monitor,mode=control"});
  if (machine.state_fd >= 0) command.insert(command.end(), {"-incoming", fmt::format("fd:{}", machine.state_fd)});
  return command;
}

Emulator::Emulator(Machine machine, const Fd& disk, const Fd& state) {
  if (machine.qemu.empty())
    throw Error(ExitStatus::failed, "qemu-system-x86_64 is missing, and the lab runs its kernels in it",
                "apt-get install qemu-system-x86, or trace this machine's kernel with --kernel host");
  if (state) machine.state_fd = 11;
  Pipe errors = make_pipe();
  complaints_ = std::move(errors.out);
  SpawnRequest request{.command = qemu_command(machine),
                       .fds = {{disk.get(), machine.disk_fd}, {errors.in.get(), STDERR_FILENO}},
                       .own_group = true,
                       .death_signal = SIGKILL};
  if (state) request.fds.emplace_back(state.get(), machine.state_fd);
  std::vector<Fd> theirs;
  const auto connect = [&](Fd& ours, int number) {
    theirs.emplace_back();
    std::tie(ours, theirs.back()) = make_socket_pair();
    request.fds.emplace_back(theirs.back().get(), number);
  };
  connect(control_, machine.control_fd);
  connect(out_, machine.out_fd);
  connect(err_, machine.err_fd);
  connect(in_, machine.in_fd);
  connect(data_, machine.data_fd);
  connect(console_, machine.console_fd);
  Fd monitor;
  connect(monitor, machine.monitor_fd);
  monitor_ = Monitor(std::move(monitor));
  process_ = spawn(std::move(request));
}

void Emulator::plug_disk() {
  monitor_.plug(fmt::format(R"({{"driver": "nvme", "drive": "disk", "serial": "{}"}})", disk_serial));
}

std::chrono::nanoseconds Emulator::kept_waiting() const {
  // Documentation/scheduler/sched-stats.rst, of a task: ns on a processor, ns waiting for one. One thread emulates.
  uint64_t longest = 0;
  for (const pid_t thread : threads_of(process_)) {
    std::ifstream file(fmt::format("/proc/{}/task/{}/schedstat", process_, thread));
    uint64_t ran = 0, waited = 0;
    if (file >> ran >> waited) longest = std::max(longest, waited);
  }
  return std::chrono::nanoseconds(longest);
}

Emulator::~Emulator() {
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace zctrace::lab
