#include "userspace/capture/kernel_symbols.h"

#include <bpf/btf.h>

#include <cstdio>
#include <cstring>
#include <set>
#include <string_view>

#include "userspace/capture/features.h"
#include "userspace/capture/probes.h"

namespace zctrace::capture {

namespace {

/// Only the functions that the tables of probes and features name: the list has over a hundred thousand.
std::map<std::string, uint64_t> read_addresses() {
  std::set<std::string_view> wanted;
  for (const Probe& probe : probes()) wanted.insert(probe.target);
  for (const FeatureRow& feature : feature_table()) wanted.insert(feature.what);
  std::map<std::string, uint64_t> found;
  FILE* file = fopen("/proc/kallsyms", "re");
  if (!file) return found;
  char line[512], name[256], type;
  unsigned long long address;
  while (fgets(line, sizeof line, file))
    // A module's symbols end in "[module]"; the table's functions are all built in.
    if (!strchr(line, '[') && sscanf(line, "%llx %c %255s", &address, &type, name) == 3 && wanted.contains(name))
      found.emplace(name, address);
  fclose(file);
  return found;
}

int arity_of_proto(const btf* types, uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  return type && btf_is_func_proto(type) ? btf_vlen(type) : -1;
}

}  // namespace

KernelSymbols::KernelSymbols() : addresses_(read_addresses()), btf_(btf__load_vmlinux_btf()) {}

KernelSymbols::~KernelSymbols() { btf__free(btf_); }

uint64_t KernelSymbols::address(const std::string& function) const {
  const auto found = addresses_.find(function);
  return found == addresses_.end() ? 0 : found->second;
}

int KernelSymbols::arity(const std::string& function) const {
  if (!btf_) return -1;
  const int id = btf__find_by_name_kind(btf_, function.c_str(), BTF_KIND_FUNC);
  return id < 0 ? -1 : arity_of_proto(btf_, btf__type_by_id(btf_, static_cast<uint32_t>(id))->type);
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
