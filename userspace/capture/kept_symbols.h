#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

/// To write down its 150,000 symbols takes an emulated kernel a second: a guest of the lab has those that are asked for
/// written down before its state is kept.
namespace zctrace::capture {

/// Lines of /proc/kallsyms: of all symbols; in a guest where the wanted ones were kept, and neither a module has come
/// or gone since nor who may see addresses, of those alone.
std::string kallsyms();

/// Keeps the lines of these symbols, as they are now. Only for a guest of the lab. Throws Error.
void keep_kallsyms(const std::unordered_set<std::string_view>& wanted);

}  // namespace zctrace::capture
