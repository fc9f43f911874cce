#include "userspace/capture/kernel_symbols.h"

#include <bpf/btf.h>

#include <cerrno>
#include <set>
#include <string_view>

#include "base/io.h"
#include "userspace/capture/features.h"
#include "userspace/capture/kallsyms.h"
#include "userspace/capture/paths.h"
#include "userspace/capture/probes.h"

namespace zctrace::capture {

namespace {

/// Only the functions and variables that the tables of probes, features and paths name. Of functions in modules no
/// address is of concern.
void read_symbols(std::string_view text, std::map<std::string, uint64_t>& addresses,
                  std::map<std::string, std::string>& modules, std::map<std::string, uint64_t>& data) {
  std::set<std::string_view> wanted;
  for (const Probe& probe : probes()) wanted.insert(probe.target);
  for (const FeatureRow& feature : feature_table()) {
    const std::string_view what = feature.what;
    wanted.insert(what.substr(0, what.find(' ')));
  }
  for (const Path& path : paths()) wanted.insert(path.there);
  wanted.insert(kJournalledOperations);
  each_symbol_in(text, [&](const KernelSymbol& symbol) {
    if (!wanted.contains(symbol.name)) return;
    if (std::string_view("dDrRbB").find(symbol.type) != std::string_view::npos)
      data.emplace(symbol.name, symbol.address);
    else if (symbol.module.empty())
      addresses.emplace(symbol.name, symbol.address);
    else
      modules.emplace(symbol.name, symbol.module);
  });
}

int arity_of_proto(const btf* types, uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  return type && btf_is_func_proto(type) ? btf_vlen(type) : -1;
}

}  // namespace

KernelSymbols::KernelSymbols() : KernelSymbols(read_text("/proc/kallsyms"), btf__load_vmlinux_btf()) {}

KernelSymbols::KernelSymbols(std::string_view kallsyms, btf* types) : btf_(types) {
  read_symbols(kallsyms, addresses_, modules_, data_);
}

KernelSymbols::~KernelSymbols() {
  for (const auto& [module, types] : module_types_) btf__free(types);
  btf__free(btf_);
}

std::string KernelSymbols::module(const std::string& function) const {
  const auto found = modules_.find(function);
  return has(function) || found == modules_.end() ? "" : found->second;
}

const btf* KernelSymbols::types_of(const std::string& function) const {
  const std::string name = module(function);
  if (!btf_ || name.empty()) return btf_;
  const auto [found, added] = module_types_.try_emplace(name, nullptr);
  if (added) found->second = btf__load_module_btf(name.c_str(), btf_);
  return found->second;
}

uint64_t KernelSymbols::address(const std::string& function) const {
  const auto found = addresses_.find(function);
  return found == addresses_.end() ? 0 : found->second;
}

int KernelSymbols::function_type(const std::string& function) const {
  return btf_ ? btf__find_by_name_kind(btf_, function.c_str(), BTF_KIND_FUNC) : -ENOENT;
}

int KernelSymbols::arity(const std::string& function) const {
  const btf* types = types_of(function);
  if (!types) return -1;
  const int id = btf__find_by_name_kind(types, function.c_str(), BTF_KIND_FUNC);
  return id < 0 ? -1 : arity_of_proto(types, btf__type_by_id(types, static_cast<uint32_t>(id))->type);
}

uint64_t KernelSymbols::data(const std::string& variable) const {
  const auto found = data_.find(variable);
  return found == data_.end() ? 0 : found->second;
}

bool KernelSymbols::has_structure(const std::string& function, const std::string& structure) const {
  const btf* types = types_of(function);
  return types && btf__find_by_name_kind(types, structure.c_str(), BTF_KIND_STRUCT) >= 0;
}

bool KernelSymbols::has_member(const std::string& structure, const std::string& member) const {
  if (!btf_) return false;
  const int id = btf__find_by_name_kind(btf_, structure.c_str(), BTF_KIND_STRUCT);
  if (id < 0) return false;
  const btf_type* type = btf__type_by_id(btf_, static_cast<uint32_t>(id));
  for (unsigned i = 0; i < btf_vlen(type); i++)
    if (member == btf__name_by_offset(btf_, btf_members(type)[i].name_off)) return true;
  return false;
}

int KernelSymbols::tracepoint_arity(const std::string& tracepoint) const {
  if (!btf_) return -1;
  const int id = btf__find_by_name_kind(btf_, ("btf_trace_" + tracepoint).c_str(), BTF_KIND_TYPEDEF);
  if (id < 0) return -1;
  const btf_type* pointer = btf__type_by_id(btf_, btf__type_by_id(btf_, static_cast<uint32_t>(id))->type);
  return pointer ? arity_of_proto(btf_, pointer->type) - 1 : -1;
}

}  // namespace zctrace::capture
