#include "model/summary/copy_stacks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "base/units.h"
#include "model/summary/flow_rows.h"
#include "model/timeline/flow.h"

namespace zctrace::summary {

using namespace timeline;

namespace {

struct StackSum {
  uint64_t bytes = 0, calls = 0, flows = 0, most = 0;
  const Flow* flow = nullptr;  ///< the one with the most bytes
};

std::vector<StackSum> sums_of(const CopyStacks& all, const Flows& flows) {
  std::vector<StackSum> sums(all.stacks.size());
  for (const Flow& flow : flows.list)
    for (const CopiedBy& by : flow.copied_by) {
      StackSum& sum = sums.at(by.stack);
      sum.bytes += by.bytes;
      sum.calls += by.calls;
      ++sum.flows;
      if (!sum.flow || by.bytes > sum.most) {
        sum.flow = &flow;
        sum.most = by.bytes;
      }
    }
  return sums;
}

uint64_t copied_bytes(const Flows& flows) {
  uint64_t bytes = 0;
  for (const Flow& flow : flows.list) bytes += total(flow).cpu_bytes;
  return bytes;
}

std::string percent(uint64_t part, uint64_t all) {
  return fmt::format("{:.0f}%", all ? 100 * static_cast<double>(part) / static_cast<double>(all) : 0);
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

constexpr size_t kShown = 8;  // frames of a part, the innermost

/// A file is named where a frame lies in another than its caller.
std::string joined(const CopyStacks& all, const CopyStack& stack, bool kernel) {
  std::vector<const CodeFrame*> frames;
  for (const uint32_t number : stack.frames)
    if (all.frames.at(number).kernel == kernel) frames.push_back(&all.frames.at(number));
  const size_t left_out = frames.size() > kShown ? frames.size() - kShown : 0;
  std::string text = left_out ? "…" : "";
  const CodeFrame* before = nullptr;
  for (const CodeFrame* frame : std::span(frames).subspan(left_out)) {
    if (!text.empty()) text += " > ";
    const bool same_file = before && frame->module && before->module == frame->module && !frame->name.empty();
    text += same_file ? frame->name : frame_text(all, *frame);
    before = frame;
  }
  return text;
}

std::optional<Text> end_text(StackEnd end) {
  switch (end) {
    case StackEnd::whole:
      break;
    case StackEnd::unknown:
      return Text::copy_stacks_end_unknown;
    case StackEnd::deep:
      return Text::copy_stacks_end_deep;
    case StackEnd::softirq:
      return Text::copy_stacks_end_softirq;
    case StackEnd::worker:
      return Text::copy_stacks_end_worker;
    case StackEnd::compat:
      return Text::copy_stacks_end_compat;
  }
  return {};
}

/// What stands in a flame graph where the program's callers are not known.
std::string_view end_frame(StackEnd end) {
  switch (end) {
    case StackEnd::whole:
      break;
    case StackEnd::unknown:
      return "[callers not known]";
    case StackEnd::deep:
      return "[deeper callers]";
    case StackEnd::softirq:
      return "[softirq]";
    case StackEnd::worker:
      return "[kernel thread]";
    case StackEnd::compat:
      return "[32-bit program]";
  }
  return {};
}

}  // namespace

std::string frame_text(const CopyStacks& all, const CodeFrame& frame) {
  const std::string file = frame.module ? base_name(all.modules.at(*frame.module).path) : "";
  if (!frame.name.empty()) return file.empty() ? frame.name : fmt::format("{} ({})", frame.name, file);
  if (frame.kernel) return "[kernel]";
  return fmt::format("[{}]+{:#x}", file.empty() ? "generated code" : file, frame.offset);
}

HeaviestStacks heaviest_stacks(const Ledger& ledger, Language language, size_t most) {
  HeaviestStacks said;
  if (!ledger.copy_stacks || !ledger.flows) return said;
  const CopyStacks& all = *ledger.copy_stacks;
  const auto sums = sums_of(all, *ledger.flows);
  const uint64_t copied = copied_bytes(*ledger.flows);
  uint64_t known = 0, left = 0, left_bytes = 0;
  for (const StackSum& sum : sums) known += sum.bytes;
  for (size_t i = 0; i < sums.size(); ++i) {
    const CopyStack& stack = all.stacks[i];
    const StackSum& sum = sums[i];
    if (sum.bytes == 0 || !sum.flow) continue;
    if (said.list.size() >= most || stack.frames.empty()) {
      left += stack.frames.empty() ? all.not_kept : 1;
      left_bytes += sum.bytes;
      continue;
    }
    StackLines& lines = said.list.emplace_back();
    lines.amount = say(language, Text::copy_stacks_amount, format_bytes(sum.bytes), format_bytes(copied),
                       percent(sum.bytes, copied),
                       say_count(language, sum.calls, Text::copy_stacks_one_call, Text::copy_stacks_many_calls));
    const auto ends =
        say(language, Text::flow_ends, end_text(sum.flow->from, language), end_text(sum.flow->to, language));
    lines.lines.push_back(sum.flows > 1 ? say(language, Text::copy_stacks_flow_of, ends, format_count(sum.flows))
                                        : ends);
    if (const auto program = joined(all, stack, false); !program.empty())
      lines.lines.push_back(say(language, Text::copy_stacks_program, stack.process, program));
    if (const auto kernel = joined(all, stack, true); !kernel.empty())
      lines.lines.push_back(say(language, Text::copy_stacks_kernel, kernel));
    if (const auto end = end_text(stack.end)) lines.lines.emplace_back(words(*end, language));
  }
  if (copied == 0) said.remarks.emplace_back(words(Text::copy_stacks_nothing, language));
  if (left > 0)
    said.remarks.push_back(say(language, Text::copy_stacks_more, format_bytes(left_bytes), format_count(left)));
  if (known < copied)
    said.remarks.push_back(
        say(language, Text::copy_stacks_unknown, format_bytes(copied - known), format_bytes(copied)));
  if (all.at_calls && copied > 0) said.remarks.emplace_back(words(Text::copy_stacks_at_calls, language));
  return said;
}

FlameStacks flame_stacks(const CopyStacks& all, const Flows& flows) {
  FlameStacks flame;
  std::map<std::pair<std::string, bool>, uint32_t> numbers;
  const auto number_of = [&](const std::string& name, bool kernel) {
    const auto [found, added] = numbers.try_emplace({name, kernel}, static_cast<uint32_t>(flame.names.size()));
    if (added) flame.names.push_back({name, kernel, kernel ? work_of_kernel_routine(name) : CpuWork::program});
    return found->second;
  };
  const auto sums = sums_of(all, flows);
  uint64_t known = 0;
  for (size_t i = 0; i < sums.size(); ++i) {
    const CopyStack& stack = all.stacks[i];
    if (sums[i].bytes == 0 || stack.frames.empty()) continue;
    known += sums[i].bytes;
    FlameStacks::Stack& kept = flame.stacks.emplace_back();
    kept.bytes = sums[i].bytes;
    if (!stack.process.empty()) kept.frames.push_back(number_of(stack.process, false));
    if (const auto end = end_frame(stack.end); !end.empty()) kept.frames.push_back(number_of(std::string(end), false));
    for (const uint32_t frame : stack.frames)
      kept.frames.push_back(number_of(frame_text(all, all.frames[frame]), all.frames[frame].kernel));
  }
  const uint64_t copied = copied_bytes(flows);
  flame.unknown_bytes = copied > known ? copied - known : 0;
  return flame;
}

}  // namespace zctrace::summary
