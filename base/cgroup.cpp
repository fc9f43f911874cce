#include "base/cgroup.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/io.h"

namespace zctrace {

namespace fs = std::filesystem;

namespace {

/// "/a/b" -> "a", "b"
std::vector<std::string_view> names_in(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    if (end != 0) names.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return names;
}

bool is_container_number(std::string_view name) {
  constexpr size_t kDigits = 64;
  return name.size() == kDigits &&
         std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "docker-0123....scope", "0123...": what is behind the dash, without its ending.
std::string_view container_in(std::string_view name) {
  constexpr std::string_view kScope = ".scope", kOfLxc = "lxc.payload.";
  if (name.starts_with(kOfLxc)) return name.substr(kOfLxc.size());
  if (name.starts_with("libpod-conmon-")) return {};  // podman's monitor of it
  if (name.ends_with(kScope)) name.remove_suffix(kScope.size());
  const auto dash = name.rfind('-');
  if (dash != name.npos) name.remove_prefix(dash + 1);
  return is_container_number(name) ? name : std::string_view{};
}

/// Does it tell services and containers apart, of version 1?
bool has_processes_of(const std::string& controllers) {
  return controllers == "name=systemd" || controllers == "pids" ||
         (',' + controllers + ',').find(",pids,") != std::string::npos;
}

std::optional<Cgroup> cgroup_at(const CgroupMount& mount, const std::string& folder) {
  struct stat facts {};
  if (stat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return {};
  if (access((folder + "/cgroup.procs").c_str(), F_OK) != 0) return {};
  std::string path = folder.substr(mount.folder.size());
  if (path.empty()) path = "/";
  return Cgroup{mount.hierarchy, facts.st_ino, std::move(path), folder};
}

void add_processes(const std::string& folder, std::vector<pid_t>& found) {
  std::ifstream list(folder + "/cgroup.procs");
  for (pid_t pid = 0; list >> pid;)
    if (pid > 0) found.push_back(pid);  // 0: of a PID namespace that we do not see into
}

}  // namespace

std::vector<CgroupLine> parse_cgroup_file(std::string_view text) {
  std::vector<CgroupLine> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = line.find(':'), second = first == line.npos ? first : line.find(':', first + 1);
    CgroupLine parsed;
    if (second == line.npos) continue;
    if (std::from_chars(line.data(), line.data() + first, parsed.hierarchy).ptr != line.data() + first) continue;
    parsed.controllers = line.substr(first + 1, second - first - 1);
    parsed.path = line.substr(second + 1);
    lines.push_back(std::move(parsed));
  }
  return lines;
}

std::string service_of_cgroup(std::string_view path) {
  const auto names = names_in(path);
  const auto found =
      std::find_if(names.rbegin(), names.rend(), [](std::string_view name) { return name.ends_with(".service"); });
  return found == names.rend() ? std::string() : std::string(*found);
}

std::string container_of_cgroup(std::string_view path) {
  const auto names = names_in(path);
  for (auto name = names.rbegin(); name != names.rend(); ++name)
    if (const auto container = container_in(*name); !container.empty()) return std::string(container);
  return "";
}

std::vector<CgroupMount> cgroup_mounts() {
  std::vector<CgroupMount> mounts;
  const auto own = parse_cgroup_file(read_text("/proc/self/cgroup"));
  std::istringstream table(read_text("/proc/self/mountinfo"));
  for (std::string line; std::getline(table, line);) {
    // "36 35 0:30 / /sys/fs/cgroup rw,nosuid ... - cgroup2 cgroup2 rw"
    std::istringstream before(line.substr(0, line.find(" - "))),
        after(line.substr(std::min(line.find(" - ") + 3, line.size())));
    std::string skip, folder, type, source, options;
    before >> skip >> skip >> skip >> skip >> folder;
    after >> type >> source >> options;
    if (type == "cgroup2") mounts.insert(mounts.begin(), CgroupMount{0, folder});
    if (type != "cgroup") continue;
    for (const CgroupLine& hierarchy : own)
      if (has_processes_of(hierarchy.controllers) &&
          (',' + options + ',').find(',' + hierarchy.controllers + ',') != std::string::npos)
        mounts.push_back({hierarchy.hierarchy, folder});
  }
  return mounts;
}

std::optional<Cgroup> find_cgroup(const std::string& path) {
  std::string plain = fs::path(path).lexically_normal();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  for (const CgroupMount& mount : cgroup_mounts()) {
    const bool below = plain == mount.folder || plain.starts_with(mount.folder + "/");
    const auto folder = below ? plain : mount.folder + (plain.starts_with('/') ? "" : "/") + plain;
    if (auto found = cgroup_at(mount, folder)) return found;
  }
  return {};
}

std::vector<Cgroup> all_cgroups(const CgroupMount& mount) {
  std::vector<Cgroup> found;
  if (auto root = cgroup_at(mount, mount.folder)) found.push_back(std::move(*root));
  std::error_code error;
  fs::recursive_directory_iterator at(mount.folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (!at->is_directory(gone) || at->is_symlink(gone)) continue;
    if (auto cgroup = cgroup_at(mount, at->path())) found.push_back(std::move(*cgroup));
  }
  return found;
}

std::vector<pid_t> processes_in(const Cgroup& cgroup) {
  std::vector<pid_t> found;
  add_processes(cgroup.folder, found);
  std::error_code error;
  fs::recursive_directory_iterator at(cgroup.folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (at->is_directory(gone)) add_processes(at->path(), found);
  }
  return found;
}

std::string cgroup_path_of(pid_t pid) {
  const auto lines = parse_cgroup_file(read_text(fmt::format("/proc/{}/cgroup", pid)));
  std::string found;
  for (const CgroupLine& line : lines)
    if (line.hierarchy == 0 || has_processes_of(line.controllers))
      if (line.path.size() > found.size()) found = line.path;  // where both are mounted, one may be "/" for all
  return found;
}

uint64_t cgroup_id_of(pid_t pid) {
  const auto mounts = cgroup_mounts();
  if (mounts.empty() || mounts.front().hierarchy != 0) return 0;
  for (const CgroupLine& line : parse_cgroup_file(read_text(fmt::format("/proc/{}/cgroup", pid))))
    if (line.hierarchy == 0)
      if (const auto cgroup = cgroup_at(mounts.front(), mounts.front().folder + (line.path == "/" ? "" : line.path)))
        return cgroup->id;
  return 0;
}

}  // namespace zctrace
