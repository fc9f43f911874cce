#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace zctrace::capture {

/// A line of /proc/kallsyms.
struct KernelSymbol {
  uint64_t address;  ///< 0 where kptr_restrict hides it
  char type;         ///< as nm has it: 't' and 'T' are functions
  std::string_view name;
  std::string_view module;  ///< empty for the kernel itself
  std::string_view line;    ///< all of it
};

/// All of them, of loaded modules too: over a hundred thousand.
void each_kernel_symbol(const std::function<void(const KernelSymbol&)>& visit);
/// Those of a text that is written like it.
void each_symbol_in(std::string_view text, const std::function<void(const KernelSymbol&)>& visit);

/// Names for addresses in the running kernel's code.
class KernelCode {
 public:
  /// Reads them all, as they are now.
  KernelCode();
  /// The function that the address is in; "[kernel]" where that is not known.
  const std::string& function_at(uint64_t address) const;

 private:
  struct Function {
    uint64_t address;
    std::string name;
  };
  std::vector<Function> functions_;  ///< by address
};

}  // namespace zctrace::capture
