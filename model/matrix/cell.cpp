#include "model/matrix/cell.h"

#include <fmt/format.h>

#include <array>

namespace zctrace::matrix {

namespace {
constexpr std::string_view kAsItComes = "device";
}

std::string name_of(const Cell& cell) {
  return fmt::format("{}.{}.{}.{}", cell.method, cell.path, cell.offload.empty() ? kAsItComes : cell.offload,
                     cell.warm ? "warm" : "cold");
}

std::optional<Cell> parse_cell(std::string_view name) {
  std::array<std::string, 4> fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t end = name.find('.');
    if ((end == name.npos) != (i + 1 == fields.size())) return {};
    fields[i] = name.substr(0, end);
    if (fields[i].empty()) return {};
    name.remove_prefix(end == name.npos ? name.size() : end + 1);
  }
  if (fields[3] != "cold" && fields[3] != "warm") return {};
  return Cell{fields[0], fields[1], fields[2] == kAsItComes ? "" : fields[2], fields[3] == "warm"};
}

}  // namespace zctrace::matrix
