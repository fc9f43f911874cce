#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bpf/record.h"
#include "model/timeline/process.h"

namespace zctrace::capture {

/// Who moved the bytes: processes as flows name them, out of the kernel's map of them. The first few of a name are told
/// one by one, further ones together.
class Processes {
 public:
  static constexpr uint32_t kUnknown = 0;

  /// `map`: by its descriptor; -1: all are unknown.
  explicit Processes(int map);

  /// The number that stands for it here, for as long as it is kept.
  uint32_t number_of(const zc_process& process);
  /// The one under which it is folded with all others of its name.
  uint32_t fold_of(uint32_t number);
  /// Nothing for kUnknown.
  std::optional<timeline::Process> named(uint32_t number) const;

  /// Takes those that have ended out of the kernel's map, and forgets those that ended long ago.
  void take(uint64_t now_ns);

 private:
  struct Order {
    bool operator()(const zc_process& a, const zc_process& b) const {
      return std::tie(a.tgid, a.since) < std::tie(b.tgid, b.since);
    }
  };
  struct Known {
    zc_process_facts facts{};
    uint32_t number = kUnknown;  ///< once it moved something
  };
  struct Row {
    timeline::Process process;
    uint32_t fold = kUnknown;  ///< of a single one: once it was folded
    bool single = true;
  };
  using Name = std::tuple<std::string, std::string, std::string>;  ///< command, service, container
  const Known* find(const zc_process& process);
  timeline::Process describe(const zc_process_facts& facts);
  uint32_t fold_named(const timeline::Process& process);
  std::string path_of_cgroup(uint64_t id);

  int map_;
  std::map<zc_process, Known, Order> known_;
  std::vector<Row> rows_{Row{}};             ///< by number
  std::map<Name, uint32_t> singles_;         ///< how many are told one by one
  std::map<Name, uint32_t> folds_;           ///< numbers
  std::map<uint64_t, std::string> cgroups_;  ///< paths by inode
  std::map<std::string, std::string> containers_;
};

}  // namespace zctrace::capture
