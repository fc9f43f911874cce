#include "userspace/lab/emulator.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <tuple>

#include "base/error.h"
#include "base/io.h"
#include "base/process.h"
#include "userspace/lab/machine.h"

namespace zctrace::lab {

Emulator::Emulator(const std::filesystem::path& kernel, const std::filesystem::path& initramfs, unsigned memory_mib,
                   const Fd& disk) {
  Machine machine{.qemu = find_program("qemu-system-x86_64"),
                  .kernel = kernel,
                  .initramfs = initramfs,
                  .memory_mib = memory_mib,
                  .disk_fd = disk.get()};
  if (machine.qemu.empty())
    throw Error(ExitStatus::failed, "qemu-system-x86_64 is missing, and the lab runs its kernels in it",
                "apt-get install qemu-system-x86, or trace this machine's kernel with --kernel host");
  Fd control, out, err, in, data, console, complaints;
  std::tie(control_, control) = make_socket_pair();
  std::tie(out_, out) = make_socket_pair();
  std::tie(err_, err) = make_socket_pair();
  std::tie(in_, in) = make_socket_pair();
  std::tie(data_, data) = make_socket_pair();
  std::tie(console_, console) = make_socket_pair();
  Pipe errors = make_pipe();
  complaints_ = std::move(errors.out);
  complaints = std::move(errors.in);
  machine.control_fd = control.get();
  machine.out_fd = out.get();
  machine.err_fd = err.get();
  machine.in_fd = in.get();
  machine.data_fd = data.get();
  machine.console_fd = console.get();
  process_ = spawn({.command = qemu_command(machine),
                    .inherited = {control.get(), out.get(), err.get(), in.get(), data.get(), console.get(), disk.get()},
                    .err = complaints.get(),
                    .death_signal = SIGKILL,
                    .own_group = true});
}

Emulator::~Emulator() {
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace zctrace::lab
