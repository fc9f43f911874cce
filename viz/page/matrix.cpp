#include "viz/page/matrix.h"

#include <nlohmann/json.hpp>

#include "viz/page/words.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const matrix::Row& row) {
  Json values = Json::array(), cells = Json::array();
  for (const matrix::Value& value : row.values)
    values.push_back({{"text", both(value.text)}, {"tone", word(value.tone)}});
  for (const matrix::Cell& cell : row.cells) cells.push_back(name_of(cell));
  return {{"method", row.method},           {"path", row.path},
          {"settings", both(row.settings)}, {"differ", row.kernels_differ()},
          {"values", std::move(values)},    {"cells", std::move(cells)}};
}

}  // namespace

Json matrix(const matrix::Table& table) {
  Json kernels = Json::array(), rows = Json::array(), beside = Json::array(), remarks = Json::array();
  for (const matrix::Column& column : table.kernels)
    kernels.push_back({{"kernel", column.kernel}, {"release", column.release}});
  for (const matrix::Row& row : table.rows) rows.push_back(json_of(row));
  for (const Words& line : table.beside) beside.push_back(both(line));
  for (const Words& remark : table.remarks) remarks.push_back(both(remark));
  return {{"measured", table.measured},
          {"kernels", std::move(kernels)},
          {"rows", std::move(rows)},
          {"beside", std::move(beside)},
          {"remarks", std::move(remarks)}};
}

}  // namespace zctrace::page
