#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "userspace/capture/type_names.h"

namespace zctrace::capture {

/// What an inode of ext4 with data=journal has for operations.
inline constexpr const char* kJournalledOperations = "ext4_journalled_aops";

/// What the running kernel has: addresses from /proc/kallsyms, functions and their arity from BTF. Of modules those
/// that are loaded.
class KernelSymbols {
 public:
  KernelSymbols();
  /// In a guest of the lab: keeps what the next ones will read (kept_symbols.h). Throws Error.
  static void keep();
  /// What a text like /proc/kallsyms and these types say; null: there are none. Takes the types.
  KernelSymbols(std::string_view kallsyms, btf* types);

  /// Address of a kernel function; 0 where it does not exist or kptr_restrict hides it.
  uint64_t address(const std::string& function) const;
  bool has(const std::string& function) const { return addresses_.contains(function); }
  /// Address of a variable, of a module too; 0 as above.
  uint64_t data(const std::string& variable) const;
  bool has_data(const std::string& variable) const { return data_.contains(variable); }
  /// The loaded module that it is in; empty for the kernel itself, and where nothing has it.
  std::string module(const std::string& function) const;
  /// Its number among the types of the kernel itself; negative where they do not know it.
  int function_type(const std::string& function) const;
  /// Number of arguments by BTF; -1 where BTF does not know the function.
  int arity(const std::string& function) const;
  /// Number of arguments of a raw tracepoint, without the leading void *; -1 where unknown.
  int tracepoint_arity(const std::string& tracepoint) const;
  /// Do the types tell of it where the function is?
  bool has_structure(const std::string& function, const std::string& structure) const;
  bool has_member(const std::string& structure, const std::string& member) const;
  bool has_btf() const { return types_ != nullptr; }

 private:
  /// Null where the kernel gives no types of it: before 5.11, and of a module that is not loaded.
  const TypeNames* types_of(const std::string& function) const;

  std::map<std::string, uint64_t> addresses_;
  std::map<std::string, std::string> modules_;  ///< by function
  std::map<std::string, uint64_t> data_;
  std::unique_ptr<TypeNames> types_;
  mutable std::map<std::string, std::unique_ptr<TypeNames>> module_types_;
};

}  // namespace zctrace::capture
