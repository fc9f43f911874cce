#include "userspace/capture/type_names.h"

#include <bpf/btf.h>

#include <cerrno>

namespace zctrace::capture {

void TypeNames::Free::operator()(btf* types) const { btf__free(types); }

TypeNames::TypeNames(btf* types, const TypeNames* base)
    : types_(types), base_(base), numbers_{{BTF_KIND_FUNC, {}}, {BTF_KIND_STRUCT, {}}, {BTF_KIND_TYPEDEF, {}}} {
  const uint32_t begin = base ? btf__type_cnt(base->types()) : 1, end = btf__type_cnt(types);
  for (uint32_t id = begin; id < end; id++) {
    const btf_type* type = btf__type_by_id(types, id);
    if (const auto found = numbers_.find(btf_kind(type)); found != numbers_.end())
      found->second.emplace(btf__name_by_offset(types, type->name_off), static_cast<int>(id));
  }
}

int TypeNames::find(std::string_view name, uint32_t kind) const {
  if (const int id = base_ ? base_->find(name, kind) : -ENOENT; id >= 0) return id;
  const auto& numbers = numbers_.at(kind);
  const auto found = numbers.find(name);
  return found == numbers.end() ? -ENOENT : found->second;
}

}  // namespace zctrace::capture
