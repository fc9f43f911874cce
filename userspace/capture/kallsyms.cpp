#include "userspace/capture/kallsyms.h"

#include <algorithm>
#include <charconv>

#include "base/io.h"

namespace zctrace::capture {

void each_kernel_symbol(const std::function<void(const KernelSymbol&)>& visit) {
  each_symbol_in(read_text("/proc/kallsyms"), visit);
}

void each_symbol_in(std::string_view text, const std::function<void(const KernelSymbol&)>& visit) {
  for (std::string_view rest = text; !rest.empty();) {  // "ffffffff81000000 T name\t[module]"
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const size_t space = line.find(' '), start = space == line.npos ? line.npos : space + 3;
    if (start >= line.size()) continue;
    const size_t end = std::min(line.find('\t', start), line.size());
    KernelSymbol symbol{0, line[space + 1], line.substr(start, end - start), {}, line};
    symbol.module = line.substr(std::min(end + 2, line.size()));
    symbol.module = symbol.module.substr(0, symbol.module.find(']'));
    std::from_chars(line.data(), line.data() + space, symbol.address, 16);
    visit(symbol);
  }
}

KernelCode::KernelCode() {
  each_kernel_symbol([&](const KernelSymbol& symbol) {
    // The padding before a function is no place where the CPU is found.
    const bool code = std::string_view("tTwW").find(symbol.type) != std::string_view::npos;
    if (symbol.address == 0 || !code || symbol.name.starts_with("__pfx_")) return;
    functions_.push_back({symbol.address, std::string(symbol.name)});
  });
  // Of several names for one place the first one stays, whatever the order of the list.
  std::ranges::sort(functions_, [](const Function& a, const Function& b) {
    if (a.address != b.address) return a.address < b.address;
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  });
  const auto rest = std::ranges::unique(functions_, {}, &Function::address);
  functions_.erase(rest.begin(), rest.end());
}

const std::string& KernelCode::function_at(uint64_t address) const {
  static const std::string kUnknown = "[kernel]";
  const auto after = std::ranges::upper_bound(functions_, address, {}, &Function::address);
  return after == functions_.begin() ? kUnknown : std::prev(after)->name;
}

}  // namespace zctrace::capture
