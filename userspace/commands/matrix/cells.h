#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "model/matrix/table.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

/// What the cells transfer, in bytes.
struct CellSize {
  uint64_t size = 1 << 20, chunk = 64 << 10;
};

/// Of these methods and paths (empty: all) those that go together, with the offloads of network devices as they come
/// and each of sg, tx and tso off, cold and warm.
std::vector<matrix::Cell> cells_of(const std::vector<std::string>& methods, const std::vector<std::string>& paths);

/// Measures cells on the kernel we run on and prints a document for each, in their order, for a zctrace outside the
/// guest: a timeline document, or {"cell": NAME, "skipped" or "failed": why}. Throws Error where nothing can be
/// measured.
void print_cells(const std::vector<matrix::Cell>& cells, const CellSize& size);

/// What such a document says. Throws Error where it is none.
matrix::Result read_result(const matrix::Cell& cell, const std::string& kernel, const std::string& document);

/// Has them measured in one guest with the lab kernel `kernel`. `deliver` gets each document with what it says.
void measure_cells(const std::string& kernel, const std::vector<matrix::Cell>& cells, const CellSize& size,
                   terminal::Progress& progress, const std::function<void(matrix::Result, OutputFile&)>& deliver);

}  // namespace zctrace::commands
