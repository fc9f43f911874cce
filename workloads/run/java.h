#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "workloads/run/sender.h"

/// Methods in Java: java/Sender.java, run by this machine's JDK.
namespace zctrace::workloads {

inline constexpr const char* kNoJava = "there is no JDK on this machine";
inline constexpr const char* kNoJavaHint = "sudo apt-get install --no-install-recommends default-jdk-headless";

/// The path of `java`, of a JDK: one that runs a source file. Nothing where there is none.
std::optional<std::string> find_java();

/// This process becomes a JVM that does what run_sender() does. Returns only by throwing Error.
[[noreturn]] void become_java(const SenderOptions& options, uint64_t size);

}  // namespace zctrace::workloads
