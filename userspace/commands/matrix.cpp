#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/command_line.h"
#include "base/error.h"
#include "base/output_file.h"
#include "base/units.h"
#include "model/language/language.h"
#include "model/matrix/files.h"
#include "model/matrix/table.h"
#include "userspace/commands/commands.h"
#include "userspace/commands/matrix/cells.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/lab/kernel.h"
#include "viz/page/page.h"
#include "viz/terminal/matrix_table.h"
#include "viz/terminal/style.h"
#include "workloads/run/registry.h"

namespace zctrace::commands {

namespace {

namespace fs = std::filesystem;

struct Asked {
  std::vector<std::string> methods, paths, kernels, names;
  std::string size = "1MiB", chunk = "64KiB", output = "matrix", from;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (size_t begin = 0, end; begin <= list.size(); begin = end + 1) {
    end = std::min(list.find(',', begin), list.size());
    if (end > begin) words.push_back(list.substr(begin, end - begin));
  }
  return words;
}

void check_words(const std::vector<std::string>& words, const char* what, const std::vector<std::string>& known) {
  for (const std::string& word : words)
    if (std::ranges::find(known, word) == known.end())
      throw Error(ExitStatus::usage, fmt::format("there is no {} '{}'", what, word), "zctrace matrix --help");
}

void write_text(const fs::path& path, const std::string& text) {
  OutputFile file(path);
  file.write(text);
  file.commit();
}

void write_page(const fs::path& path, const matrix::Table& table) {
  page::Settings settings{chosen_language(), ZCTRACE_VERSION, {}};
  settings.matrix = &table;
  OutputFile file(path);
  page::write_page(file.stream(), {}, settings);
  file.commit();
}

/// By the local clock, "2026-11-26".
std::string day_of(time_t time) { return fmt::format("{:%F}", fmt::localtime(time)); }

CellSize size_of(const Asked& asked) {
  return {parse_size_option(asked.size, "--size"), parse_size_option(asked.chunk, "--chunk")};
}

matrix::Table write_tables(const Asked& asked, const std::string& folder, const std::vector<matrix::Result>& results,
                           const std::string& measured) {
  matrix::Table table = matrix::table_of(results, asked.kernels);
  table.measured = measured;
  write_text(fs::path(folder) / "matrix.md", matrix::markdown_of(table, chosen_language()));
  write_text(fs::path(folder) / "matrix.csv", matrix::csv_of(results));
  write_page(fs::path(folder) / "matrix.html", table);
  return table;
}

void tell(const matrix::Table& table, const std::vector<matrix::Result>& results) {
  fmt::print("{}", terminal::matrix_text(table, terminal::style_of(stdout)));
  if (std::ranges::any_of(results,
                          [](const matrix::Result& result) { return !result.failed.empty() || !result.agree; }))
    throw Error(ExitStatus::failed, "some cells failed, or their two counts disagree: they are listed above");
}

fs::path file_of(const std::string& folder, const std::string& kernel, const matrix::Cell& cell) {
  return fs::path(folder) / kernel / (matrix::name_of(cell) + ".json");
}

/// The recordings that are there already; the day is that of the newest.
void read_matrix(Asked asked, const std::vector<matrix::Cell>& cells) {
  std::error_code absent;
  std::erase_if(asked.kernels,
                [&](const std::string& kernel) { return !fs::is_directory(fs::path(asked.from) / kernel, absent); });
  std::vector<matrix::Result> results;
  time_t newest = 0;
  for (const std::string& kernel : asked.kernels)
    for (const matrix::Cell& cell : cells) {
      const fs::path file = file_of(asked.from, kernel, cell);
      struct stat facts;
      if (stat(file.c_str(), &facts) != 0) continue;
      newest = std::max(newest, facts.st_mtime);
      results.push_back(read_result(cell, kernel, file));
    }
  if (results.empty())
    throw Error(ExitStatus::failed, asked.from + " holds no recordings of these cells",
                "zctrace matrix -o " + asked.from + " makes them");
  tell(write_tables(asked, asked.from, results, day_of(newest)), results);
}

void run_matrix(const Asked& asked) {
  std::vector<std::string> known;
  for (const workloads::Method& method : workloads::methods()) known.emplace_back(method.name);
  check_words(asked.methods, "method", known);
  check_words(asked.paths, "path", {"nic", "veth", "loopback", "file", "pipe"});
  const CellSize size = size_of(asked);
  const std::vector<matrix::Cell> cells = cells_of(asked.methods, asked.paths);
  if (cells.empty()) throw Error(ExitStatus::usage, "none of these methods can send over these paths", "zctrace list");
  if (!asked.from.empty()) return read_matrix(asked, cells);
  for (const std::string& kernel : asked.kernels) lab::find_kernel(kernel);
  make_folder(asked.output);

  const std::string measured = day_of(std::time(nullptr));
  std::vector<matrix::Result> results;
  terminal::Progress progress;
  size_t done = 0;
  progress.number(done, cells.size() * asked.kernels.size());
  for (const std::string& kernel : asked.kernels) {
    make_folder(fs::path(asked.output) / kernel);
    measure_cells(kernel, cells, size, progress, [&](matrix::Result result, OutputFile& document) {
      save_as(file_of(asked.output, kernel, result.cell), document);
      results.push_back(std::move(result));
      progress.number(++done, cells.size() * asked.kernels.size());
    });
    write_tables(asked, asked.output, results, measured);  // it is kept, whatever happens to the next kernel
  }
  progress.number(0, 0);
  progress.clear();
  tell(write_tables(asked, asked.output, results, measured), results);
}

}  // namespace

/// `zctrace cells NAME...`, in a guest: measures them and prints their documents.
void add_cells(Command& program) {
  auto asked = std::make_shared<Asked>();
  Command command = program.subcommand("cells", "Print the documents of cells of the matrix.");
  command.hidden();
  command.option("NAME", asked->names).required();
  command.option("--size", asked->size);
  command.option("--chunk", asked->chunk);
  command.on_call([asked] {
    std::vector<matrix::Cell> cells;
    for (const std::string& name : asked->names) {
      const auto cell = matrix::parse_cell(name);
      if (!cell || !workloads::find_method(cell->method))
        throw Error(ExitStatus::usage, "there is no cell '" + name + "'", "zctrace matrix --help");
      cells.push_back(*cell);
    }
    print_cells(cells, size_of(*asked));
  });
}

void add_matrix(Command& program) {
  struct Lists {
    Asked asked;
    std::string methods, paths, kernels = "5.10,6.1,6.12,7.2";
  };
  auto lists = std::make_shared<Lists>();
  Command command = program.subcommand("matrix", "Measure every method over every path on several kernels.");
  command.option("--kernel", lists->kernels, "Measure on these lab kernels, one guest each.")
      .value_name("LIST")
      .shows_default();
  command.option("--method", lists->methods, "Measure these methods only.")
      .value_name("LIST")
      .default_text("all but Java's");
  command.option("--path", lists->paths, "Send over these paths only: nic,veth,loopback,file,pipe.")
      .value_name("LIST")
      .default_text("all");
  command.option("--size", lists->asked.size, "Transfer SIZE bytes.").value_name("SIZE").shows_default();
  command.option("--chunk", lists->asked.chunk, "Transfer SIZE bytes per round.").value_name("SIZE").shows_default();
  command
      .option("-o,--output", lists->asked.output,
              "Write KERNEL/CELL.json for each cell, and matrix.html, .md and .csv, into DIR.")
      .value_name("DIR")
      .shows_default();
  command.option("--from", lists->asked.from, "Make the tables of the recordings that DIR holds; measure nothing.")
      .value_name("DIR");
  command.footer(
      "Copies are per byte: the sender's and the receiver's.\n\n"
      "Examples:\n  zctrace matrix --kernel 6.12 --path nic,veth\n  zctrace matrix --method sendfile,splice -o DIR");
  command.on_call([lists] {
    Asked& asked = lists->asked;
    asked.methods = split(lists->methods);
    asked.paths = split(lists->paths);
    asked.kernels = split(lists->kernels);
    if (asked.kernels.empty()) throw Error(ExitStatus::usage, "--kernel names no kernel", "zctrace lab list");
    run_matrix(asked);
  });
}

}  // namespace zctrace::commands
