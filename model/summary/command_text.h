#pragma once

#include <string>
#include <vector>

namespace zctrace::summary {

/// A traced program's command as a reader knows it: of a Java virtual machine without its own options and class path,
/// "java … kafka.Kafka server.properties".
std::string command_text(const std::vector<std::string>& command);

}  // namespace zctrace::summary
