#include "userspace/commands/run/deliver.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/standard_output.h"
#include "userspace/commands/support/document_stream.h"
#include "viz/terminal/comparison_table.h"
#include "viz/terminal/overview_table.h"
#include "viz/terminal/terminal.h"

namespace zctrace::commands {

std::string output_path(const RunOptions& options, const std::string& method) {
  if (options.output.empty() || options.methods.size() == 1) return options.output;
  return (std::filesystem::path(options.output) / (method + ".json")).string();
}

void print_document(const RunOptions& options, const OutputFile& document) {
  const bool lines = options.methods.size() > 1;
  std::string piece;
  read_pieces(document, [&](std::string_view read) {
    piece = read;
    if (lines) std::erase(piece, '\n');  // strings have none in them
    std::fwrite(piece.data(), 1, piece.size(), stdout);
  });
  if (lines) std::fputc('\n', stdout);
  flush_standard_output();
}

RunPictures::RunPictures(const RunOptions& options)
    : wanted_(!options.json), kept_(!options.output.empty()), paged_(!options.report.empty()) {}

void RunPictures::add(const timeline::Run& run, const timeline::Ledger& ledger) {
  if (wanted_) runs_.push_back({run, ledger});
}

void RunPictures::draw() const {
  if (runs_.empty()) return;
  const auto style = terminal::style_of(stdout);
  const bool one = runs_.size() == 1;
  const auto text = one ? terminal::run_text(runs_.front().run, runs_.front().ledger, style)
                  : terminal::comparison_fits(runs_, style) ? terminal::comparison_text(runs_, style)
                                                            : terminal::overview_text(runs_, style);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  if (!isatty(STDOUT_FILENO) || !isatty(STDERR_FILENO)) return;
  if (!paged_)
    std::fprintf(stderr, "next: --report PAGE.html shows %s in a browser\n",
                 one ? "this run, call by call," : "them all");
  else if (!kept_)
    std::fprintf(stderr, "next: -o %s keeps %s for show, chart and compare\n", one ? "FILE.json" : "FOLDER",
                 one ? "this run" : "them");
}

}  // namespace zctrace::commands
