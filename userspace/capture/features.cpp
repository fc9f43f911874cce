#include "userspace/capture/features.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/error.h"
#include "base/fd.h"
#include "userspace/capture/perf_event.h"

namespace zctrace::capture {

namespace {

const std::vector<FeatureRow> kFeatures = {
#define FEATURE(name, how, what, since, commit, use) {Feature::name, #name, FoundBy::how, what, since, commit, use},
#include "userspace/capture/features.def"
#undef FEATURE
};

/// Loads and attaches a program that reads the kernel's memory as ours do, and nothing else; the reason why not. At a
/// tracepoint, or at the entry of the kernel's function that has this number in its types.
Message try_program(const char* tracepoint, int function) {
  constexpr uint8_t kMove = BPF_ALU64 | BPF_MOV, kAdd = BPF_ALU64 | BPF_ADD;
  const bpf_insn program[] = {
      {.code = kMove | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_10, .off = 0, .imm = 0},
      {.code = kAdd | BPF_K, .dst_reg = BPF_REG_1, .src_reg = 0, .off = 0, .imm = -8},
      {.code = kMove | BPF_K, .dst_reg = BPF_REG_2, .src_reg = 0, .off = 0, .imm = 8},
      {.code = kMove | BPF_K, .dst_reg = BPF_REG_3, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_CALL, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = BPF_FUNC_probe_read_kernel},
      {.code = kMove | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  };
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.attach_btf_id = static_cast<uint32_t>(function);
  options.expected_attach_type = tracepoint ? bpf_attach_type{} : BPF_TRACE_FENTRY;
  libbpf_set_print([](libbpf_print_level, const char*, va_list) { return 0; });
  const auto type = tracepoint ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_TRACING;
  const Fd loaded(bpf_prog_load(type, "zctrace_try", "Dual MIT/GPL", program, std::size(program), &options));
  if (!loaded) return message_of_errno(errno);
  const Fd attached(bpf_raw_tracepoint_open(tracepoint, loaded.get()));
  return attached ? Message() : message_of_errno(errno);
}

Message try_function(const int number) {
  return number < 0 ? message(Text::reason_not_there) : try_program(nullptr, number);
}

Message try_breakpoint(uint64_t address) {
  if (!address) return message(Text::reason_no_address);
  const int event = open_breakpoint(0, -1, address);
  if (event < 0) return message_of_errno(errno);
  close(event);
  return {};
}

Message missing_unless(bool there) { return there ? Message() : message(Text::reason_not_there); }

bool has_member(const KernelSymbols& symbols, const std::string& struct_and_member) {
  const size_t dot = struct_and_member.find('.');
  return symbols.has_member(struct_and_member.substr(0, dot), struct_and_member.substr(dot + 1));
}

/// Where the linker has put variables among functions, /proc/kallsyms takes them for such: 7.2's tracepoint_srcu.
bool has_variable(const KernelSymbols& symbols, const std::string& name) {
  return symbols.has_data(name) || symbols.has(name);
}

/// The reason why the kernel lacks it; empty where it does not.
Message look_for(const FeatureRow& row, const KernelSymbols& symbols) {
  const std::string what = row.what;
  switch (row.how) {
    case FoundBy::symbol:
      return missing_unless(symbols.has(what));
    case FoundBy::symbol_gone:
      return missing_unless(!symbols.has(what));
    case FoundBy::address:
      return missing_unless(symbols.address(what) != 0);
    case FoundBy::btf:
      return symbols.has_btf() ? Message() : message(Text::reason_no_btf);
    case FoundBy::member:
      return missing_unless(has_member(symbols, what));
    case FoundBy::variable_and_member:
      return missing_unless(has_variable(symbols, what.substr(0, what.find(' '))) &&
                            has_member(symbols, what.substr(what.find(' ') + 1)));
    case FoundBy::one_argument:
      return missing_unless(symbols.tracepoint_arity(what) < 2);
    case FoundBy::tracepoint:
      return try_program(row.what, 0);
    case FoundBy::function:
      return try_function(symbols.function_type(what));
    case FoundBy::breakpoint:
      return try_breakpoint(symbols.address(what));
  }
  return {};
}

}  // namespace

const std::vector<FeatureRow>& feature_table() { return kFeatures; }

std::set<Feature> features_without(std::string_view list) {
  std::set<Feature> without;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    const auto row = std::ranges::find(kFeatures, name, &FeatureRow::name);
    if (row == kFeatures.end()) {
      std::string all;
      for (const FeatureRow& known : kFeatures) (all += all.empty() ? "" : ", ") += known.name;
      throw Error(ExitStatus::usage, "ZCTRACE_WITHOUT: unknown feature \"" + std::string(name) + "\"", "one of " + all);
    }
    without.insert(row->feature);
  }
  return without;
}

const Message& KernelFeatures::why_not(Feature feature) const {
  const auto [found, added] = found_.try_emplace(feature);
  if (added)
    found->second = without_.contains(feature) ? message(Text::reason_switched_off)
                                               : look_for(kFeatures.at(static_cast<size_t>(feature)), symbols_);
  return found->second;
}

}  // namespace zctrace::capture
