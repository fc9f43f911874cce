#include "userspace/record/targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "userspace/capture/containers.h"
#include "userspace/capture/pid_namespace.h"
#include "userspace/confine/privileges.h"

namespace zctrace::record {

namespace {

constexpr size_t kNameBytes = 15;  // that the kernel keeps of a process's name

pid_t parse_pid(const std::string& text) {
  pid_t pid = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, pid);
  if (error != std::errc{} || stopped != end || pid <= 0)
    throw Error(ExitStatus::usage, "-p takes process IDs (4711 or 4711,4712), not '" + text + "'",
                "pgrep -a NAME lists running processes");
  return pid;
}

std::vector<pid_t> parse_pids(const std::vector<std::string>& words) {
  std::vector<pid_t> pids;
  for (const auto& word : words) {
    std::istringstream list(word);
    if (word.empty() || word.ends_with(',')) parse_pid("");
    for (std::string pid; std::getline(list, pid, ',');) pids.push_back(parse_pid(pid));
  }
  return pids;
}

void add_name(const std::string& asked, Targets& targets) {
  const std::string name = asked.substr(0, kNameBytes);
  if (name.empty()) throw Error(ExitStatus::usage, "--comm takes a process's name", "pgrep -a NAME lists them");
  const auto running = running_processes();
  if (std::ranges::none_of(running, [&](pid_t pid) { return name_of_process(pid) == name; }))
    throw Error(ExitStatus::failed, "no process is called '" + name + "'",
                "ps -eo pid,comm lists the names of running processes");
  targets.names.push_back(name);
}

std::string last_name(const Cgroup& cgroup) { return cgroup.path.substr(cgroup.path.rfind('/') + 1); }

/// All of the first hierarchy that has any for which `wanted` holds.
template <class Wanted>
std::vector<Cgroup> find_cgroups(const Wanted& wanted) {
  std::vector<Cgroup> found;
  for (const CgroupMount& mount : cgroup_mounts()) {
    for (Cgroup& cgroup : all_cgroups(mount))
      if (wanted(cgroup)) found.push_back(std::move(cgroup));
    if (!found.empty()) break;
  }
  return found;
}

void check_mounts() {
  if (cgroup_mounts().empty())
    throw Error(ExitStatus::failed, "no cgroup hierarchy is mounted here", "mount -t cgroup2 none /sys/fs/cgroup");
}

std::vector<Cgroup> cgroups_of_path(const std::string& path) {
  if (auto cgroup = find_cgroup(path)) return {std::move(*cgroup)};
  throw Error(ExitStatus::failed, "there is no cgroup " + path,
              fmt::format("find {} -type d lists them", cgroup_mounts().front().folder));
}

std::vector<Cgroup> cgroups_of_unit(const std::string& asked) {
  const bool has_type = asked.find('.') != asked.npos;
  const std::string name = has_type ? asked : asked + ".service";
  auto found = find_cgroups([&](const Cgroup& cgroup) { return last_name(cgroup) == name; });
  if (found.empty())
    throw Error(ExitStatus::failed, "no unit " + name + " is running",
                "systemctl list-units --state=running lists those that are");
  return found;
}

/// A container's own cgroup: those below it are of its inside.
bool is_of_container(const Cgroup& cgroup, const std::string& number) {
  if (container_of_cgroup(cgroup.path) != number) return false;
  return container_of_cgroup(cgroup.path.substr(0, cgroup.path.rfind('/'))).empty();
}

std::vector<Cgroup> cgroups_of_container(const std::string& asked) {
  const auto names = capture::container_names();
  constexpr size_t kFewest = 4;  // digits that tell a container apart
  const auto is_asked_for = [&](const std::string& number) {
    const auto named = names.find(number);
    return (named != names.end() && named->second == asked) || (asked.size() >= kFewest && number.starts_with(asked));
  };
  auto found = find_cgroups([&](const Cgroup& cgroup) {
    const auto number = container_of_cgroup(cgroup.path);
    return !number.empty() && is_asked_for(number) && is_of_container(cgroup, number);
  });
  if (found.empty())
    if (const auto number = capture::inspected_container(asked); !number.empty())
      found = find_cgroups([&](const Cgroup& cgroup) { return is_of_container(cgroup, number); });
  if (found.empty())
    throw Error(ExitStatus::failed, "no container " + asked + " is running here",
                geteuid() == 0 ? "docker ps, podman ps or crictl ps lists those that are; --cgroup takes its cgroup"
                               : "run it as root (sudo): docker's and podman's files are root's");
  return found;
}

void add(std::vector<Cgroup> more, Targets& targets) {
  for (Cgroup& cgroup : more) {
    if (!targets.cgroups.empty() && targets.cgroups.front().hierarchy != cgroup.hierarchy)
      throw Error(ExitStatus::failed, "cgroups of two hierarchies cannot be traced together",
                  "trace them one after the other");
    targets.cgroups.push_back(std::move(cgroup));
  }
}

/// "4711 python3 server.py"
std::string title_of(const Running& process) {
  auto command = process.command;
  command.at(0).erase(0, command[0].rfind('/') + 1);
  return fmt::format("{} {}", process.pid, fmt::join(command, " "));
}

}  // namespace

std::string Targets::ended() const {
  if (all || !names.empty()) return "";
  for (const Running& process : processes)
    if (is_running(process.pid)) return "";
  for (const Cgroup& cgroup : cgroups)
    if (std::filesystem::exists(cgroup.folder)) return "";
  if (cgroups.empty() && processes.size() == 1) return fmt::format("process {} has exited", processes[0].pid);
  return cgroups.empty() ? "all processes have exited" : title + " is gone";
}

Targets find_targets(const TargetRequest& request) {
  const bool theirs = request.all || !request.names.empty() || !request.cgroups.empty() || !request.units.empty() ||
                      !request.containers.empty();
  if (theirs && !confine::sees_others())
    throw Error(ExitStatus::not_permitted,
                "among all processes, or those of a name, unit, cgroup or container, may be other users'",
                "run it as root (sudo), or name a process of yours: -p PID");
  Targets targets;
  targets.all = request.all;
  const auto pids = parse_pids(request.pids);
  if (!pids.empty()) capture::own_pid_namespace();  // throws: where /proc is another's, so are its numbers
  for (const pid_t pid : pids) {
    Running process = find_running(pid);
    const auto same = [&](const Running& other) { return other.pid == process.pid; };
    if (std::ranges::none_of(targets.processes, same)) targets.processes.push_back(std::move(process));
  }
  for (const auto& name : request.names) add_name(name, targets);
  if (!request.cgroups.empty() || !request.units.empty() || !request.containers.empty()) check_mounts();
  for (const auto& path : request.cgroups) add(cgroups_of_path(path), targets);
  for (const auto& unit : request.units) add(cgroups_of_unit(unit), targets);
  for (const auto& container : request.containers) add(cgroups_of_container(container), targets);

  std::vector<std::string> words;
  const auto tell = [&](const char* option, const std::vector<std::string>& values) {
    for (const auto& value : values) {
      words.push_back(value);
      targets.command.insert(targets.command.end(), {option, value});
    }
  };
  tell("-p", request.pids);
  tell("--comm", request.names);
  tell("--cgroup", request.cgroups);
  tell("--unit", request.units);
  tell("--container", request.containers);
  if (request.all) targets.command = {"--all"};
  targets.title = fmt::format("{}", fmt::join(words, ", "));
  if (targets.processes.size() == 1 && words.size() == 1) {
    targets.command = targets.processes[0].command;
    targets.title = title_of(targets.processes[0]);
  }
  return targets;
}

}  // namespace zctrace::record
