#include "userspace/record/cpu_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "base/io.h"

namespace zctrace::record {

using timeline::CpuWork;
using timeline::Side;

void Mappings::read(pid_t pid) { add(read_text(fmt::format("/proc/{}/maps", pid))); }

void Mappings::add(std::string_view maps) {
  for (std::string_view rest = maps; !rest.empty();) {  // "7f00-7f10 r-xp 00000000 08:01 123   /usr/lib/libc.so.6"
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const char* const end_of_line = line.data() + line.size();
    uint64_t begin = 0, end = 0;
    const auto first = std::from_chars(line.data(), end_of_line, begin, 16);
    if (first.ec != std::errc() || first.ptr == end_of_line || *first.ptr != '-') continue;
    std::from_chars(first.ptr + 1, end_of_line, end, 16);
    const size_t place = line.find_first_of("/[");
    std::string_view name = place == line.npos ? "anonymous memory" : line.substr(place);
    if (name.starts_with('/')) name = name.substr(name.rfind('/') + 1);
    mappings_[begin] = {end, name.starts_with('[') ? std::string(name) : fmt::format("[{}]", name)};
  }
}

std::string Mappings::part_at(uint64_t address) const {
  const auto after = mappings_.upper_bound(address);
  if (after == mappings_.begin() || address >= std::prev(after)->second.end) return "[program]";
  return std::prev(after)->second.name;
}

uint32_t CpuProfile::number_of(const std::string& name, CpuWork work) {
  const auto [found, added] = numbers_.try_emplace(name, static_cast<uint32_t>(routines_.size()));
  if (added) routines_.push_back({name, work});
  return found->second;
}

void CpuProfile::add(Side side, std::span<const std::string> frames, bool user) {
  if (frames.empty()) return;
  Key key{side, {}};
  for (const std::string& frame : frames | std::views::reverse)
    key.frames.push_back(
        number_of(frame, user ? timeline::work_of_program_part(frame) : timeline::work_of_kernel_routine(frame)));
  ++routines_[key.frames.back()].samples[static_cast<size_t>(side)];
  ++stacks_[std::move(key)];
  ++samples_[static_cast<size_t>(side)];
}

void CpuProfile::write(timeline::CpuCost& cost, size_t most) const {
  std::vector<std::pair<Key, uint64_t>> all(stacks_.begin(), stacks_.end());
  std::ranges::stable_sort(all, std::greater(), &std::pair<Key, uint64_t>::second);
  // What only stacks that are not kept go through is not named, unless samples ended there.
  std::vector<std::optional<uint32_t>> numbers(routines_.size());
  const auto keep = [&](uint32_t routine) {
    if (!numbers[routine]) {
      numbers[routine] = static_cast<uint32_t>(cost.routines.size());
      cost.routines.push_back(routines_[routine]);
    }
    return *numbers[routine];
  };
  for (size_t i = 0; i < all.size(); ++i) {
    const auto& [key, samples] = all[i];
    if (i >= most) {
      ++cost.cut_stacks;
      cost.cut_samples[static_cast<size_t>(key.side)] += samples;
      keep(key.frames.back());
      continue;
    }
    timeline::CpuStack stack{key.side, {}, samples};
    for (const uint32_t frame : key.frames) stack.frames.push_back(keep(frame));
    cost.stacks.push_back(std::move(stack));
  }
}

}  // namespace zctrace::record
