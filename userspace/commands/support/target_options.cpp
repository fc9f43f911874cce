#include "userspace/commands/support/target_options.h"

namespace zctrace::commands {

void add_target_options(Command& command, record::TargetRequest& request) {
  command
      .option("-p,--pid", request.pids,
              "Trace this process (or several: -p 12,13 or -p 12 -p 13), its threads and its child processes, running "
              "and to come.")
      .value_name("PID");
  command.option("--comm", request.names, "Trace processes of this name, as ps -eo comm has it, running and to come.")
      .value_name("NAME");
  command
      .option("--unit", request.units, "Trace a systemd unit, nginx.service say: its processes, running and to come.")
      .value_name("UNIT");
  command.option("--cgroup", request.cgroups, "Trace the processes in a cgroup and below it, running and to come.")
      .value_name("PATH");
  command
      .option("--container", request.containers,
              "Trace a container of docker, podman or containerd, by its name or ID: its processes, running and to "
              "come.")
      .value_name("NAME");
  command.flag("--all", request.all, "Trace the whole machine, but for zctrace itself.");
}

}  // namespace zctrace::commands
