#include "workloads/run/registry.h"

#include <algorithm>

#include "workloads/run/java.h"

namespace zctrace::workloads {
namespace {

// Inside a function, because registrations run before main in no particular order.
std::vector<Method>& registered() {
  static std::vector<Method> all;
  return all;
}

}  // namespace

const std::vector<Method>& methods() { return registered(); }

std::optional<Missing> missing_program(const Method& method) {
  if (method.java && !find_java()) return Missing{kNoJava, kNoJavaHint};
  return {};
}

std::optional<Missing> missing_for(const Method& method) {
  if (auto missing = missing_program(method)) return missing;
  return method.need ? method.need->missing() : std::nullopt;
}

std::string unfit_for(const Method& method, std::string_view path) {
  if (!method.sockets_only || (path != "file" && path != "pipe")) return {};
  return "it sends to sockets only, not into a " + std::string(path);
}

const Method* find_method(std::string_view name) {
  const auto& all = methods();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Method& method) { return method.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Registration::Registration(const Method& method) {
  auto& all = registered();
  const auto place = std::upper_bound(all.begin(), all.end(), method,
                                      [](const Method& a, const Method& b) { return a.order < b.order; });
  all.insert(place, method);
}

}  // namespace zctrace::workloads
