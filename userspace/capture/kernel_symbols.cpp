#include "userspace/capture/kernel_symbols.h"

#include <bpf/btf.h>

#include <cerrno>
#include <string_view>
#include <unordered_set>

#include "userspace/capture/features.h"
#include "userspace/capture/kallsyms.h"
#include "userspace/capture/kept_symbols.h"
#include "userspace/capture/paths.h"
#include "userspace/capture/probes.h"

namespace zctrace::capture {

namespace {

/// What the tables of probes, features and paths name.
std::unordered_set<std::string_view> wanted_symbols() {
  std::unordered_set<std::string_view> wanted;
  for (const Probe& probe : probes()) wanted.insert(probe.target);
  for (const FeatureRow& feature : feature_table()) {
    const std::string_view what = feature.what;
    wanted.insert(what.substr(0, what.find(' ')));
  }
  for (const Path& path : paths()) wanted.insert(path.there);
  wanted.insert(kJournalledOperations);
  return wanted;
}

/// Of functions in modules no address is of concern.
void read_symbols(std::string_view text, std::map<std::string, uint64_t>& addresses,
                  std::map<std::string, std::string>& modules, std::map<std::string, uint64_t>& data) {
  const std::unordered_set<std::string_view> wanted = wanted_symbols();
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

std::unique_ptr<TypeNames> names_of(btf* types, const TypeNames* base) {
  return types ? std::make_unique<TypeNames>(types, base) : nullptr;
}

int arity_of_proto(const btf* types, uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  return type && btf_is_func_proto(type) ? btf_vlen(type) : -1;
}

}  // namespace

KernelSymbols::KernelSymbols() : KernelSymbols(kallsyms(), btf__load_vmlinux_btf()) {}

KernelSymbols::KernelSymbols(std::string_view kallsyms, btf* types) : types_(names_of(types, nullptr)) {
  read_symbols(kallsyms, addresses_, modules_, data_);
}

void KernelSymbols::keep() { keep_kallsyms(wanted_symbols()); }

std::string KernelSymbols::module(const std::string& function) const {
  const auto found = modules_.find(function);
  return has(function) || found == modules_.end() ? "" : found->second;
}

const TypeNames* KernelSymbols::types_of(const std::string& function) const {
  const std::string name = module(function);
  if (!types_ || name.empty()) return types_.get();
  const auto [found, added] = module_types_.try_emplace(name);
  if (added) found->second = names_of(btf__load_module_btf(name.c_str(), types_->types()), types_.get());
  return found->second.get();
}

uint64_t KernelSymbols::address(const std::string& function) const {
  const auto found = addresses_.find(function);
  return found == addresses_.end() ? 0 : found->second;
}

int KernelSymbols::function_type(const std::string& function) const {
  return types_ ? types_->find(function, BTF_KIND_FUNC) : -ENOENT;
}

int KernelSymbols::arity(const std::string& function) const {
  const TypeNames* names = types_of(function);
  const int id = names ? names->find(function, BTF_KIND_FUNC) : -ENOENT;
  if (id < 0) return -1;
  return arity_of_proto(names->types(), btf__type_by_id(names->types(), static_cast<uint32_t>(id))->type);
}

uint64_t KernelSymbols::data(const std::string& variable) const {
  const auto found = data_.find(variable);
  return found == data_.end() ? 0 : found->second;
}

bool KernelSymbols::has_structure(const std::string& function, const std::string& structure) const {
  const TypeNames* names = types_of(function);
  return names && names->find(structure, BTF_KIND_STRUCT) >= 0;
}

bool KernelSymbols::has_member(const std::string& structure, const std::string& member) const {
  const int id = types_ ? types_->find(structure, BTF_KIND_STRUCT) : -ENOENT;
  if (id < 0) return false;
  const btf_type* type = btf__type_by_id(types_->types(), static_cast<uint32_t>(id));
  for (unsigned i = 0; i < btf_vlen(type); i++)
    if (member == btf__name_by_offset(types_->types(), btf_members(type)[i].name_off)) return true;
  return false;
}

int KernelSymbols::tracepoint_arity(const std::string& tracepoint) const {
  const int id = types_ ? types_->find("btf_trace_" + tracepoint, BTF_KIND_TYPEDEF) : -ENOENT;
  if (id < 0) return -1;
  const btf* types = types_->types();
  const btf_type* pointer = btf__type_by_id(types, btf__type_by_id(types, static_cast<uint32_t>(id))->type);
  return pointer ? arity_of_proto(types, pointer->type) - 1 : -1;
}

}  // namespace zctrace::capture
