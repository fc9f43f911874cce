#include "base/running.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "base/error.h"

namespace zctrace {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// /proc/PID/stat, as far as it matters here.
struct Stat {
  std::string name;
  char state = 0;
  pid_t parent = 0;
  bool kernel_thread = false;
};

/// `place`: a process's or a thread's folder in /proc. Nothing where it has gone.
std::optional<Stat> read_stat(const std::string& place) {
  const std::string text = read_file(place + "/stat");
  // The name may hold anything, brackets too.
  const size_t open = text.find('('), close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open) return {};
  Stat stat;
  stat.name = text.substr(open + 1, close - open - 1);
  std::istringstream rest(text.substr(close + 1));
  long group, session, terminal, foreground;
  unsigned long flags = 0;
  rest >> stat.state >> stat.parent >> group >> session >> terminal >> foreground >> flags;
  constexpr unsigned long kKernelThread = 0x00200000;  // PF_KTHREAD
  stat.kernel_thread = flags & kKernelThread;
  return stat;
}

std::string place_of(pid_t pid) { return fmt::format("/proc/{}", pid); }

/// The entries of a folder of /proc that are numbers.
std::vector<pid_t> numbers_in(const std::string& path) {
  std::vector<pid_t> numbers;
  DIR* folder = opendir(path.c_str());
  if (!folder) return numbers;
  while (const dirent* entry = readdir(folder)) {
    pid_t number = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, number).ptr == end) numbers.push_back(number);
  }
  closedir(folder);
  return numbers;
}

bool is_dead(const std::optional<Stat>& stat) { return !stat || stat->state == 'Z' || stat->state == 'X'; }

/// The process that a thread belongs to; 0 where there is none of that number.
pid_t process_of(pid_t thread) {
  std::istringstream status(read_file(place_of(thread) + "/status"));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Tgid:")) return static_cast<pid_t>(std::stol(line.substr(5)));
  return 0;
}

std::vector<std::string> command_of(pid_t pid, const std::string& name) {
  std::istringstream line(read_file(place_of(pid) + "/cmdline"));
  std::vector<std::string> words;
  for (std::string word; std::getline(line, word, '\0');) words.push_back(word);
  if (words.empty()) words.push_back("[" + name + "]");
  return words;
}

void check_permission(pid_t pid) {
  if (may_inspect(pid)) return;
  struct stat facts {};
  stat(place_of(pid).c_str(), &facts);
  std::string whose = "does not permit inspection";
  if (facts.st_uid != geteuid()) {
    const passwd* user = getpwuid(facts.st_uid);
    whose = "belongs to " + (user ? std::string(user->pw_name) : fmt::format("user {}", facts.st_uid));
  }
  throw Error(ExitStatus::not_permitted, fmt::format("process {} {}", pid, whose), "run it as root (sudo)");
}

}  // namespace

/// The kernel's own answer (ptrace_may_access): who may read all files may list the descriptors of others, too.
bool may_inspect(pid_t pid) {
  char folder;
  return readlink((place_of(pid) + "/cwd").c_str(), &folder, 1) >= 0 || (errno != EACCES && errno != EPERM);
}

Running find_running(pid_t pid) {
  const pid_t process = process_of(pid);
  const auto stat = read_stat(place_of(process));
  if (process == 0 || !stat)
    throw Error(ExitStatus::failed, fmt::format("there is no process {}", pid),
                "pgrep -a NAME lists running processes");
  if (process == getpid()) throw Error(ExitStatus::failed, fmt::format("process {} is zctrace itself", pid));
  if (stat->kernel_thread)
    throw Error(ExitStatus::failed,
                fmt::format("process {} ({}) is a kernel thread, which makes no system calls", pid, stat->name));
  if (!is_running(process))
    throw Error(ExitStatus::failed, fmt::format("process {} ({}) has already exited", pid, stat->name));
  check_permission(process);
  return {.pid = process,
          .name = stat->name,
          .command = command_of(process, stat->name),
          .is_32_bit = is_32_bit_program(place_of(process) + "/exe")};
}

std::string name_of_process(pid_t pid) {
  const auto stat = read_stat(place_of(pid));
  return stat ? stat->name : "";
}

std::vector<pid_t> running_processes() {
  std::vector<pid_t> found = numbers_in("/proc");
  std::erase_if(found, [](pid_t process) {
    const auto stat = read_stat(place_of(process));
    return process == getpid() || !stat || stat->kernel_thread || !is_running(process);
  });
  return found;
}

std::vector<pid_t> threads_of(pid_t pid) { return numbers_in(place_of(pid) + "/task"); }

std::vector<pid_t> descendants_of(pid_t pid) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t process : numbers_in("/proc"))
    if (const auto stat = read_stat(place_of(process))) children.emplace(stat->parent, process);
  std::vector<pid_t> found{pid};
  for (size_t i = 0; i < found.size(); i++) {
    const auto [first, last] = children.equal_range(found[i]);
    for (auto child = first; child != last; ++child) found.push_back(child->second);
    children.erase(first, last);  // processes that start and end while we look could close a circle
  }
  found.erase(found.begin());
  std::erase_if(found, [](pid_t process) { return !is_running(process); });
  return found;
}

bool is_running(pid_t pid) {
  if (!is_dead(read_stat(place_of(pid)))) return true;
  // Its first thread may end before the others.
  for (const pid_t thread : threads_of(pid))
    if (thread != pid && !is_dead(read_stat(fmt::format("{}/task/{}", place_of(pid), thread)))) return true;
  return false;
}

bool descends_from(pid_t pid, pid_t ancestor) {
  while (pid != ancestor) {
    const auto stat = read_stat(place_of(pid));
    if (!stat || stat->parent <= 1) return false;
    pid = stat->parent;
  }
  return true;
}

bool is_32_bit_program(const std::string& path) {
  char head[EI_NIDENT];
  std::ifstream file(path, std::ios::binary);
  return file.read(head, sizeof head) && std::memcmp(head, ELFMAG, SELFMAG) == 0 && head[EI_CLASS] == ELFCLASS32;
}

}  // namespace zctrace
