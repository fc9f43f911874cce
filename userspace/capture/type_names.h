#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>

struct btf;

namespace zctrace::capture {

/// Types (BTF) by name, read through once: libbpf's btf__find_by_name_kind goes through the kernel's hundred thousand
/// for each name.
class TypeNames {
 public:
  /// Takes the types. Of a module's, which stand on the kernel's: `base` are those, and outlive this.
  explicit TypeNames(btf* types, const TypeNames* base = nullptr);

  const btf* types() const { return types_.get(); }
  btf* types() { return types_.get(); }
  /// Number of the first one of the name and kind (BTF_KIND_FUNC, _STRUCT or _TYPEDEF); negative where there is none.
  int find(std::string_view name, uint32_t kind) const;

 private:
  struct Free {
    void operator()(btf* types) const;
  };

  std::unique_ptr<btf, Free> types_;
  const TypeNames* base_;
  std::map<uint32_t, std::unordered_map<std::string_view, int>> numbers_;  ///< by kind and name
};

}  // namespace zctrace::capture
