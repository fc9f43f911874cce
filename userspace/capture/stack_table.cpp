#include "userspace/capture/stack_table.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/fd.h"
#include "base/io.h"
#include "userspace/capture/kallsyms.h"

namespace zctrace::capture {

using namespace timeline;

namespace {

constexpr size_t kUnwinders = 16;  // programs whose files are kept open

std::string read_plain(const std::string& path) {
  constexpr size_t kMost = 256 << 20;
  const Fd file = open_plain(path, O_NOFOLLOW);
  struct stat facts;
  if (!file || fstat(file.get(), &facts) != 0) return {};
  std::string text(std::min(static_cast<size_t>(facts.st_size), kMost), '\0');
  size_t done = 0;
  for (ssize_t got; done < text.size() && (got = read(file.get(), text.data() + done, text.size() - done)) > 0;)
    done += static_cast<size_t>(got);
  text.resize(done);
  return text;
}

/// What a just-in-time compiler says of its code (perf's format): "START SIZE name", a line each.
class GeneratedCode {
 public:
  explicit GeneratedCode(pid_t pid) {
    std::string text = read_plain(fmt::format("/proc/{0}/root/tmp/perf-{0}.map", pid));
    if (text.empty()) text = read_plain(fmt::format("/tmp/perf-{}.map", pid));
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      const char* const end = line.data() + line.size();
      uint64_t begin = 0, bytes = 0;
      const auto digits = [&](const char* from) {  // HotSpot writes 0x before them
        return end - from > 2 && from[0] == '0' && from[1] == 'x' ? from + 2 : from;
      };
      auto at = std::from_chars(digits(line.data()), end, begin, 16);
      if (at.ec != std::errc() || at.ptr == end) continue;
      at = std::from_chars(digits(at.ptr + 1), end, bytes, 16);
      if (at.ec != std::errc() || at.ptr == end) continue;
      functions_[begin] = {bytes, std::string(at.ptr + 1, end)};  // the newest counts
    }
  }
  /// Where it begins, and its name.
  std::optional<std::pair<uint64_t, std::string>> function_at(uint64_t address) const {
    const auto after = functions_.upper_bound(address);
    if (after == functions_.begin()) return {};
    const auto& [begin, function] = *std::prev(after);
    if (address - begin >= function.first) return {};
    return std::pair(begin, function.second);
  }

 private:
  std::map<uint64_t, std::pair<uint64_t, std::string>> functions_;
};

/// The frames and files of a document, each once.
class Names {
 public:
  explicit Names(CopyStacks& into) : into_(into) {}

  uint32_t kernel(const std::string& function) { return frame({function, true, {}, 0}); }
  uint32_t program(const ProgramFrame& found) {
    CodeFrame wanted{found.name, false, {}, found.offset};
    if (!found.path.empty()) wanted.module = module(found.path, found.build_id);
    return frame(wanted);
  }

 private:
  uint32_t module(const std::string& path, const std::string& build_id) {
    const auto [known, added] = modules_.try_emplace({path, build_id}, static_cast<uint32_t>(into_.modules.size()));
    if (added) into_.modules.push_back({path, build_id});
    return known->second;
  }
  uint32_t frame(const CodeFrame& wanted) {
    const auto [known, added] =
        frames_.try_emplace(std::tuple(wanted.name, wanted.kernel, wanted.module, wanted.offset),
                            static_cast<uint32_t>(into_.frames.size()));
    if (added) into_.frames.push_back(wanted);
    return known->second;
  }

  CopyStacks& into_;
  std::map<std::pair<std::string, std::string>, uint32_t> modules_;
  std::map<std::tuple<std::string, bool, std::optional<uint32_t>, uint64_t>, uint32_t> frames_;
};

/// The hook's own frames, and what the kernel calls it through.
bool is_of_hook(std::string_view function) {
  return function.starts_with("bpf_") || function.starts_with("__bpf") || function == "[kernel]" ||
         function.starts_with("perf_") || function == "get_perf_callchain";
}

/// The kernel's part without what hooks add to it. At its inner end there are the hook's own frames, and then `hooked`,
/// unless the kernel jumps to hooks (since 6.19). A function that is hooked further out is there before and after its
/// trampoline.
std::vector<std::string> functions_of(const std::vector<uint64_t>& addresses, const KernelCode& code,
                                      const std::string& hooked) {
  std::vector<std::string> found;
  bool trampoline = false;
  for (size_t i = 0; i < addresses.size(); ++i) {
    // What comes first is an instruction, the others are where calls return to.
    const std::string& function = code.function_at(addresses[i] - (i > 0));
    if (found.empty() && is_of_hook(function)) continue;
    if (found.empty() && function != hooked) found.push_back(hooked);
    const bool again = std::exchange(trampoline, function.starts_with("bpf_trampoline"));
    if (!trampoline && !(again && found.back() == function)) found.push_back(function);
  }
  return found;
}

StackEnd end_by(uint32_t flags, StackEnd otherwise) {
  if (flags & ZC_STACK_SOFTIRQ) return StackEnd::softirq;
  if (flags & ZC_STACK_WORKER) return StackEnd::worker;
  return flags & ZC_STACK_COMPAT ? StackEnd::compat : otherwise;
}

}  // namespace

StackTable::StackTable(int stacks_map, size_t most) : map_(stacks_map), most_(most) {}

Unwinder& StackTable::unwinder_for(const std::shared_ptr<const CodeSpace>& space) {
  auto& unwinder = unwinders_[space.get()];
  if (!unwinder || unwinder->is_outdated()) {
    if (unwinders_.size() > kUnwinders) {
      unwinders_.clear();
      return unwinder_for(space);
    }
    unwinder = std::make_unique<Unwinder>(space);
  }
  return *unwinder;
}

void StackTable::add(uint64_t number, const zc_stack& stack) {
  Known& known = known_[number];
  known.kernel.assign(stack.kernel, stack.kernel + std::min<uint32_t>(stack.kernel_frames, ZC_STACK_KERNEL));
  known.probe = stack.probe;
  known.pid = static_cast<pid_t>(stack.pid);
  known.process = std::string(stack.name, strnlen(stack.name, sizeof stack.name));
  if (stack.tgid && !(stack.flags & ZC_STACK_COMPAT)) {
    const auto space = maps_.space_of(known.pid, stack.t);
    if (space && !space->program.empty()) known.process = std::filesystem::path(space->program).filename();
    known.program = unwinder_for(space ? space : std::make_shared<CodeSpace>()).follow(stack);
  }
  if (stack.flags & (ZC_STACK_SOFTIRQ | ZC_STACK_WORKER)) known.process.clear();
  known.program.end = end_by(stack.flags, known.program.end);
}

void StackTable::take() {
  // Of a newer stack not all of its program's code may be known: it is taken the next time.
  const uint64_t until = maps_.poll();
  auto stack = std::make_unique<zc_stack>();
  uint64_t number = 0;
  std::vector<uint64_t> taken;
  size_t count = 0;
  uint64_t previous = 0;
  for (const uint64_t* at = nullptr; bpf_map_get_next_key(map_, at, &number) == 0 && count < 2 * ZC_MAX_STACKS;
       at = &previous, ++count) {
    previous = number;
    if (!known_.contains(number) && known_.size() < most_) {
      if (bpf_map_lookup_elem(map_, &number, stack.get()) != 0 || stack->t > until) continue;
      add(number, *stack);
    }
    taken.push_back(number);
  }
  // Those that are still in use come again.
  if (count > ZC_MAX_STACKS / 2)
    for (const uint64_t old : taken) bpf_map_delete_elem(map_, &old);
  maps_.forget_gone();
}

CopyStacks StackTable::stacks(Flows& flows, const std::function<std::string(unsigned)>& name, size_t most) const {
  CopyStacks all;
  Names names(all);
  const KernelCode kernel;
  std::map<pid_t, GeneratedCode> generated;
  std::map<std::tuple<std::string, StackEnd, std::vector<uint32_t>>, uint32_t> places;
  std::unordered_map<uint64_t, uint32_t> place_of;
  const auto place = [&](uint64_t number) -> std::optional<uint32_t> {
    if (const auto found = place_of.find(number); found != place_of.end()) return found->second;
    const auto found = known_.find(number);
    if (found == known_.end()) return {};
    const Known& known = found->second;
    CopyStack stack{known.process, known.program.end, {}};
    for (const auto& function : functions_of(known.kernel, kernel, name(known.probe)))
      stack.frames.push_back(names.kernel(function));
    for (ProgramFrame frame : known.program.frames) {
      if (frame.path.empty()) {
        const auto code = generated.try_emplace(known.pid, known.pid).first->second.function_at(frame.offset);
        if (code) std::tie(frame.offset, frame.name) = *code;
      }
      stack.frames.push_back(names.program(frame));
    }
    std::ranges::reverse(stack.frames);
    const auto [same, added] = places.try_emplace(std::tuple(stack.process, stack.end, stack.frames),
                                                  static_cast<uint32_t>(all.stacks.size()));
    if (added) all.stacks.push_back(std::move(stack));
    return place_of[number] = same->second;
  };

  std::vector<uint64_t> bytes;
  for (Flow& flow : flows.list) {
    std::map<uint32_t, CopiedBy> by;
    for (const CopiedBy& copied : flow.copied_by)
      if (const auto stack = place(copied.stack)) {
        CopiedBy& sum = by[*stack];
        sum.bytes += copied.bytes;
        sum.calls += copied.calls;
        bytes.resize(all.stacks.size());
        bytes[*stack] += copied.bytes;
      }
    flow.copied_by.clear();
    for (auto& [stack, copied] : by) {
      copied.stack = stack;
      flow.copied_by.push_back(copied);
    }
  }

  std::vector<uint32_t> order(all.stacks.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](uint32_t stack) { return bytes[stack]; });
  std::vector<uint32_t> now(order.size());
  std::vector<CopyStack> kept;
  for (size_t i = 0; i < order.size(); ++i) {
    now[order[i]] = static_cast<uint32_t>(std::min(i, most));
    if (i < most) kept.push_back(std::move(all.stacks[order[i]]));
  }
  if (order.size() > most) {
    kept.emplace_back();
    all.not_kept = order.size() - most;
  }
  all.stacks = std::move(kept);
  for (Flow& flow : flows.list) {
    std::map<uint64_t, CopiedBy> by;
    for (const CopiedBy& copied : flow.copied_by) {
      CopiedBy& sum = by[now[copied.stack]];
      sum.stack = now[copied.stack];
      sum.bytes += copied.bytes;
      sum.calls += copied.calls;
    }
    flow.copied_by.clear();
    for (const auto& [stack, sum] : by) flow.copied_by.push_back(sum);
    std::ranges::stable_sort(flow.copied_by, std::ranges::greater{}, &CopiedBy::bytes);
  }
  return all;
}

}  // namespace zctrace::capture
