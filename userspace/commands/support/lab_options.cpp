#include "userspace/commands/support/lab_options.h"

#include "base/error.h"
#include "userspace/record/capture_mode.h"

namespace zctrace::commands {

void add_append_option(Command& command, LabOptions& options) {
  command
      .option("--append", options.append,
              "Boot the lab's kernel with further parameters, such as 'swiotlb=force' (QEMU's -append).")
      .value_name("PARAMETERS");
}

void add_on_disk_option(Command& command, LabOptions& options) {
  command
      .option("--on-disk", options.on_disk,
              "In the lab, copy DIR to the guest's own disk (ext4 on NVMe) first, and have it there at the same path; "
              "may be repeated.")
      .value_name("DIR");
}

void check_lab_options(const LabOptions& options, const std::string& kernel) {
  if (!kernel.empty() || capture::in_lab()) return;
  const char* option = !options.append.empty() ? "--append" : !options.on_disk.empty() ? "--on-disk" : nullptr;
  if (option)
    throw Error(ExitStatus::usage, std::string(option) + " is for the lab, and this runs on this machine's kernel",
                "add --kernel 6.12");
}

}  // namespace zctrace::commands
