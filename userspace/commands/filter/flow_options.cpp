#include "userspace/commands/filter/flow_options.h"

#include <charconv>
#include <string>

#include "base/error.h"
#include "base/units.h"

namespace zctrace::commands {

namespace {

uint16_t parse_port(const std::string& text) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || stopped != end || port == 0)
    throw Error(ExitStatus::usage, "--port takes a port number, not '" + text + "'");
  return port;
}

}  // namespace

std::shared_ptr<timeline::FlowFilter> add_flow_options(Command& command) {
  const auto filter = std::make_shared<timeline::FlowFilter>();
  command
      .option(
          "--min-bytes",
          [filter](const std::string& text) { filter->min_bytes = parse_size_option(text, "--min-bytes"); },
          "Show flows of at least SIZE only (1MiB); the recording keeps all.")
      .value_name("SIZE");
  command.option("--process", filter->processes, "Show flows of this process only, by its name or PID.")
      .value_name("NAME");
  command.option("--path", filter->paths, "Show flows from or to a path like this only: '/srv/*.bin'.")
      .value_name("GLOB");
  command
      .option(
          "--port", [filter](const std::string& text) { filter->ports.push_back(parse_port(text)); },
          "Show flows from or to a socket with this port only, ours or its peer's.")
      .value_name("N");
  command.flag("--all-flows", filter->all,
               "Show every flow, each file that loaders and interpreters read, instead of one row for all, and each "
               "connection, instead of one row for those of a server; and the first names of renamed files.");
  return filter;
}

}  // namespace zctrace::commands
