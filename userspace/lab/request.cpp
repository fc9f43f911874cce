#include "userspace/lab/request.h"

#include <fmt/format.h>

#include "base/error.h"

namespace zctrace::lab {

std::string encode_request(const std::vector<std::string>& command, const std::string& folder,
                           const std::vector<std::string>& environment) {
  std::string fields;
  const auto add = [&fields](const std::string& field) {
    if (field.find('\0') != std::string::npos)
      throw Error(ExitStatus::usage, "an argument of the command contains a NUL byte");
    fields += field;
    fields += '\0';
  };
  const auto add_all = [&add](const std::vector<std::string>& list) {
    add(std::to_string(list.size()));
    for (const std::string& field : list) add(field);
  };
  add_all(command);
  add(folder);
  add_all(environment);
  return fmt::format("{}\n", fields.size()) + fields;
}

}  // namespace zctrace::lab
