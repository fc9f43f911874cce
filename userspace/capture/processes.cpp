#include "userspace/capture/processes.h"

#include <bpf/bpf.h>

#include <cstring>

#include "base/cgroup.h"
#include "userspace/capture/containers.h"
#include "userspace/capture/take_each.h"

namespace zctrace::capture {

namespace {

constexpr uint32_t kTold = 8;  ///< of one name, one by one
constexpr uint64_t kEndedNs = 3'000'000'000, kForgottenNs = 120'000'000'000;
constexpr size_t kMostRows = 20'000;  ///< further ones are folded, whatever their name

}  // namespace

Processes::Processes(int map) : map_(map) {}

const Processes::Known* Processes::find(const zc_process& process) {
  const auto known = known_.find(process);
  zc_process_facts facts{};
  const bool there = map_ >= 0 && bpf_map_lookup_elem(map_, &process, &facts) == 0;
  if (known != known_.end()) {
    if (there) known->second.facts = facts;
    return &known->second;
  }
  if (!there) return nullptr;
  return &known_.try_emplace(process, Known{facts, kUnknown}).first->second;
}

uint32_t Processes::number_of(const zc_process& process) {
  const Known* known = find(process);
  if (!known) return kUnknown;
  if (known->number != kUnknown) {
    // It may have given itself another name since.
    Row& row = rows_[known->number];
    if (row.single) row.process.command.assign(known->facts.name, strnlen(known->facts.name, sizeof known->facts.name));
    return known->number;
  }
  timeline::Process described = describe(known->facts);
  const Name name{described.command, described.unit, described.container};
  uint32_t number;
  if (described.pid != 0 && singles_[name] < kTold && rows_.size() < kMostRows) {
    singles_[name]++;
    number = static_cast<uint32_t>(rows_.size());
    rows_.push_back({std::move(described), kUnknown, true});
  } else {
    number = fold_named(described);
    rows_[number].process.count++;
  }
  known_[process].number = number;
  return number;
}

uint32_t Processes::fold_named(const timeline::Process& process) {
  const auto [fold, added] =
      folds_.try_emplace({process.command, process.unit, process.container}, static_cast<uint32_t>(rows_.size()));
  if (added && rows_.size() >= 2 * kMostRows) {
    folds_.erase(fold);
    return kUnknown;
  }
  if (added) {
    timeline::Process all = process;
    all.pid = 0;
    all.count = 0;
    rows_.push_back({std::move(all), kUnknown, false});
  }
  return fold->second;
}

uint32_t Processes::fold_of(uint32_t number) {
  if (number == kUnknown || !rows_[number].single) return number;
  if (rows_[number].fold == kUnknown) {
    const uint32_t fold = fold_named(timeline::Process(rows_[number].process));
    rows_[number].fold = fold;
    rows_[fold].process.count++;
  }
  return rows_[number].fold;
}

std::optional<timeline::Process> Processes::named(uint32_t number) const {
  if (number == kUnknown) return {};
  return rows_[number].process;
}

timeline::Process Processes::describe(const zc_process_facts& facts) {
  timeline::Process process{.command = std::string(facts.name, strnlen(facts.name, sizeof facts.name)),
                            .pid = facts.here};
  std::string path = path_of_cgroup(facts.cgroup);
  if (path.empty() || path == "/") path = cgroup_path_of(static_cast<pid_t>(facts.here));  // of version 1
  process.unit = service_of_cgroup(path);
  if (const auto number = container_of_cgroup(path); !number.empty()) {
    if (!containers_.contains(number)) {
      const auto names = container_names();
      containers_.insert(names.begin(), names.end());
      containers_.try_emplace(number, name_of_container(number, {}));
    }
    process.container = name_of_container(number, containers_);
  }
  return process;
}

/// Looked for among all that are there when one is met for the first time: it may be gone before the next.
std::string Processes::path_of_cgroup(uint64_t id) {
  if (id == 0) return "";
  if (!cgroups_.contains(id)) {
    const auto mounts = cgroup_mounts();
    if (!mounts.empty() && mounts.front().hierarchy == 0)
      for (const Cgroup& cgroup : all_cgroups(mounts.front())) cgroups_[cgroup.id] = cgroup.path;
    cgroups_.try_emplace(id);
  }
  return cgroups_[id];
}

void Processes::take(uint64_t now_ns) {
  if (map_ < 0) return;
  const auto ended_for = [&](const zc_process_facts& facts, uint64_t ns) {
    return facts.ended != 0 && now_ns > facts.ended && now_ns - facts.ended > ns;
  };
  take_each<zc_process, zc_process_facts>(
      map_, [&](const zc_process&, const zc_process_facts& facts) { return ended_for(facts, kEndedNs); },
      [&](const zc_process& process, const zc_process_facts& facts) { known_[process].facts = facts; });
  std::erase_if(known_, [&](const auto& known) { return ended_for(known.second.facts, kForgottenNs); });
}

}  // namespace zctrace::capture
