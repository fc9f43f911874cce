#include "workloads/run/registry.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "workloads/file/source.h"
#include "workloads/net/path.h"
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

std::optional<Missing> missing_for(const Method& method, const std::string& work_directory) {
  auto missing = missing_program(method);
  if (!missing && method.need) missing = method.need->missing();
  if (!missing && method.missing_in)
    missing = method.missing_in(work_directory.empty() ? default_work_directory() : work_directory);
  return missing;
}

bool takes(const Method& method, std::string_view path) {
  const unsigned kind = path == "file" ? to_file : path == "pipe" ? to_pipe : to_network;
  return (method.paths & kind) != 0;
}

std::optional<Missing> unfit_for(const Method& method, std::string_view path) {
  if (takes(method, path)) return {};
  std::string kinds;
  for (const auto& [kind, name] : {std::pair(to_network, "sockets"), {to_file, "files"}, {to_pipe, "pipes"}})
    if ((method.paths & kind) != 0) kinds += (kinds.empty() ? "" : " and ") + std::string(name);
  return Missing{fmt::format("it sends to {} only, not over the path {}", kinds, path),
                 "use --path " + default_path(method, "veth")};
}

std::string default_path(const Method& method, const std::string& network) {
  return (method.paths & to_network) != 0 ? network : "file";
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
