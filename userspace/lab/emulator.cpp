#include "userspace/lab/emulator.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/process.h"
#include "base/spawn.h"
#include "userspace/lab/machine.h"

namespace zctrace::lab {

Emulator::Emulator(const std::filesystem::path& kernel, const std::filesystem::path& initramfs, unsigned memory_mib,
                   const Fd& disk) {
  Machine machine{
      .qemu = find_program("qemu-system-x86_64"), .kernel = kernel, .initramfs = initramfs, .memory_mib = memory_mib};
  if (machine.qemu.empty())
    throw Error(ExitStatus::failed, "qemu-system-x86_64 is missing: the lab's kernels run in it",
                "apt-get install qemu-system-x86, or observe this machine's own kernel: --kernel host");
  Pipe errors = make_pipe();
  complaints_ = std::move(errors.out);
  SpawnRequest request{.command = qemu_command(machine),
                       .fds = {{disk.get(), machine.disk_fd}, {errors.in.get(), STDERR_FILENO}},
                       .own_group = true,
                       .death_signal = SIGKILL};
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
  process_ = spawn(std::move(request));
}

Emulator::~Emulator() {
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace zctrace::lab
