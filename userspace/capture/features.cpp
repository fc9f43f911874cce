#include "userspace/capture/features.h"

#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "userspace/capture/bpf_object.h"
#include "userspace/capture/perf_event.h"

namespace zctrace::capture {

namespace {

const std::vector<FeatureRow> kFeatures = {
#define FEATURE(name, how, what, since, commit, use) {Feature::name, #name, FoundBy::how, what, since, commit, use},
#include "userspace/capture/features.def"
#undef FEATURE
};

/// Loads and attaches one program of the object; the reason why not.
Message try_program(const char* name) {
  libbpf_set_print([](libbpf_print_level, const char*, va_list) { return 0; });
  zctrace_bpf* bpf = open_bpf_object();
  if (!bpf) return message_of_errno(errno);
  bpf_program* program;
  bpf_object__for_each_program(program, bpf->obj)
      bpf_program__set_autoload(program, strcmp(bpf_program__name(program), name) == 0);
  bpf_map__set_max_entries(bpf->maps.records, static_cast<uint32_t>(getpagesize()));
  Message reason;
  if (const int error = zctrace_bpf__load(bpf)) {
    reason = message_of_errno(-error);
  } else {
    bpf_link* link = bpf_program__attach(bpf_object__find_program_by_name(bpf->obj, name));
    if (!link) reason = message_of_errno(errno);
    bpf_link__destroy(link);
  }
  zctrace_bpf__destroy(bpf);
  return reason;
}

Message try_breakpoint(uint64_t address) {
  if (!address) return message(Text::reason_no_address);
  const int event = open_breakpoint(0, -1, address);
  if (event < 0) return message_of_errno(errno);
  close(event);
  return {};
}

Message missing_unless(bool there) { return there ? Message() : message(Text::reason_not_there); }

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
      return missing_unless(symbols.has_member(what.substr(0, what.find('.')), what.substr(what.find('.') + 1)));
    case FoundBy::one_argument:
      return missing_unless(symbols.tracepoint_arity(what) < 2);
    case FoundBy::program:
      return try_program(row.what);
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
