#pragma once

#include <optional>
#include <string>
#include <vector>

/// How many arguments a system call has, as the running kernel tells it.
namespace zctrace::workloads {

struct CallArguments {
  std::string call;    ///< "sendfile"
  unsigned arguments;  ///< of the kernel's entry, not of a C library's wrapper
};

/// The arguments in a system call's trace event, from its format file; none if it is not one.
std::optional<unsigned> arguments_in(const std::string& format);

/// For each call in turn that tracefs tells of; empty where this user cannot read tracefs.
std::vector<CallArguments> call_arguments(const std::vector<std::string>& calls);

/// The system calls of all methods, each once.
std::vector<std::string> calls_of_methods();

}  // namespace zctrace::workloads
