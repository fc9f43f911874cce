#include "userspace/lab/modules.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace zctrace::lab {

namespace {

struct Module {
  std::string file;
  std::vector<std::string> needs;  ///< files
};

using Modules = std::map<std::string, Module>;

Modules parse(std::string_view modules_dep) {
  Modules modules;
  std::istringstream lines{std::string(modules_dep)};
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    Module module{line.substr(0, colon), {}};
    std::istringstream needs(line.substr(colon + 1));
    for (std::string file; needs >> file;) module.needs.push_back(file);
    modules[module_name(module.file)] = std::move(module);
  }
  return modules;
}

void add(const Modules& modules, const std::string& name, std::set<std::string>& seen,
         std::vector<std::string>& order) {
  const auto found = modules.find(name);
  if (found == modules.end() || !seen.insert(name).second) return;
  // modules.dep names all that a module needs, the innermost last; going into each keeps the order right by itself.
  for (const std::string& need : found->second.needs) add(modules, module_name(need), seen, order);
  order.push_back(found->second.file);
}

}  // namespace

std::string module_name(std::string_view file) {
  if (const size_t slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
  std::string name(file.substr(0, file.find(".ko")));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::vector<std::string> load_order(std::string_view modules_dep, const std::vector<std::string_view>& wanted) {
  const Modules modules = parse(modules_dep);
  std::set<std::string> seen;
  std::vector<std::string> order;
  for (const std::string_view name : wanted) add(modules, module_name(name), seen, order);
  return order;
}

}  // namespace zctrace::lab
