#pragma once

#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/matrix/table.h"

/// The table as files.
namespace zctrace::matrix {

/// A column a kernel.
std::string markdown_of(const Table& table, Language language);

/// A line for each result. The first names the columns.
std::string csv_of(const std::vector<Result>& results);

}  // namespace zctrace::matrix
