#include "userspace/commands/doctor/in_lab.h"

#include <cstdio>
#include <filesystem>

#include "userspace/commands/support/guest_stages.h"
#include "userspace/lab/guest.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

int doctor_in_lab(const std::string& kernel, const std::vector<std::string>& options) {
  lab::GuestRequest guest;
  guest.kernel = lab::find_kernel(kernel);
  guest.command = {std::filesystem::read_symlink("/proc/self/exe").string(), "doctor"};
  guest.command.insert(guest.command.end(), options.begin(), options.end());
  guest.cwd = "/";
  guest.environment = our_environment();
  terminal::Progress progress;
  guest.on_stage = stages_until_running(progress, "Linux " + guest.kernel.version);
  const auto pass_on = [](std::FILE* to) {
    return [to](std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), to); };
  };
  guest.on_out = pass_on(stdout);
  guest.on_err = pass_on(stderr);
  return lab::run_guest(guest).exit_status;
}

}  // namespace zctrace::commands
