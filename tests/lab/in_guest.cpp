// zctrace-in-guest [--minutes N] [--append PARAMETERS] [--loaded run|programs] KERNEL COMMAND...: runs a command as root
// on a lab kernel, for the tests, for 25 minutes at most or N. With parameters of its own the kernel boots, and starts
// from no snapshot. --loaded: from the one that `run` or `exec` starts from, where the hooks of the zctrace beside it are
// loaded: the first command there is some 10 s faster, on 6.1 and 5.10 30. Its output, its status.
#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "userspace/commands/support/guest_zctrace.h"
#include "userspace/lab/guest.h"
#include "userspace/record/measurement.h"
#include "userspace/record/program_trace.h"

using namespace zctrace;

int main(int argc, char** argv) {
  std::chrono::minutes limit(25);
  if (argc > 2 && argv[1] == std::string_view("--minutes")) {
    limit = std::chrono::minutes(std::atoi(argv[2]));
    argv += 2;
    argc -= 2;
  }
  std::string append;
  if (argc > 2 && argv[1] == std::string_view("--append")) {
    append = argv[2];
    argv += 2;
    argc -= 2;
  }
  std::vector<std::string> prepare;
  if (argc > 2 && argv[1] == std::string_view("--loaded")) {
    const bool programs = argv[2] == std::string_view("programs");
    const auto zctrace = std::filesystem::path(commands::this_program()).replace_filename("zctrace");
    prepare = commands::preload_command(
        zctrace, programs ? record::TraceOptions().copies : record::MeasurementOptions().copies, programs, false);
    argv += 2;
    argc -= 2;
  }
  if (argc < 3) {
    fmt::print(stderr,
               "usage: zctrace-in-guest [--minutes N] [--append PARAMETERS] [--loaded run|programs] KERNEL COMMAND...\n");
    return 2;
  }
  const auto pass_on = [](std::FILE* to) {
    return [to](std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), to); };
  };
  try {
    lab::GuestRequest request;
    request.kernel = lab::find_kernel(argv[1]);
    request.command.assign(argv + 2, argv + argc);
    request.cwd = std::filesystem::current_path();
    request.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"};
    request.disk_bytes = uint64_t{3} << 30;
    request.append = append;
    request.prepare = prepare;
    request.boot_limit = std::chrono::seconds(150);  // under tests/oracle's witness on a busy machine
    request.run_limit = limit;
    request.on_out = pass_on(stdout);
    request.on_err = pass_on(stderr);
    return lab::run_guest(request).exit_status;
  } catch (const Error& error) {
    fmt::print(stderr, "zctrace-in-guest: {}\n", error.what());
    return static_cast<int>(error.status);
  }
}
