#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zctrace {

/// A line of /proc/PID/cgroup.
struct CgroupLine {
  unsigned hierarchy = 0;   ///< 0: the unified one (version 2)
  std::string controllers;  ///< of version 1: "cpu,cpuacct", "name=systemd"
  std::string path;         ///< below the hierarchy's root: "/system.slice/nginx.service"
};
std::vector<CgroupLine> parse_cgroup_file(std::string_view text);

/// The systemd service that a cgroup is of, or lies in: "nginx.service"; empty where there is none.
std::string service_of_cgroup(std::string_view path);
/// The container that it is of, or lies in, as docker, podman, containerd, CRI-O (64 hexadecimal digits) and LXC (a
/// name) call their cgroups; empty where there is none.
std::string container_of_cgroup(std::string_view path);

/// A cgroup that is there.
struct Cgroup {
  unsigned hierarchy = 0;  ///< the kernel's number of it; 0: the unified one
  uint64_t id = 0;         ///< its inode's number
  std::string path;        ///< below the hierarchy's root
  std::string folder;      ///< in the file system
};

/// A hierarchy that is mounted.
struct CgroupMount {
  unsigned hierarchy = 0;
  std::string folder;
};
/// The unified one first, then, of version 1, systemd's own or that of processes. Empty where none is mounted.
std::vector<CgroupMount> cgroup_mounts();

/// Of a path as /proc/PID/cgroup has it, or of a folder below a mount. Nothing where there is none.
std::optional<Cgroup> find_cgroup(const std::string& path);
/// The root's included.
std::vector<Cgroup> all_cgroups(const CgroupMount& mount);

/// The processes in it and below it now.
std::vector<pid_t> processes_in(const Cgroup& cgroup);

/// The unified hierarchy's cgroup of a process; 0 where that cannot be told.
uint64_t cgroup_id_of(pid_t pid);
/// Its path in the hierarchy that tells services and containers; empty where it has gone.
std::string cgroup_path_of(pid_t pid);

}  // namespace zctrace
