#include "userspace/commands/chart/raster.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/error.h"
#include "base/output_file.h"
#include "base/process.h"

namespace zctrace::commands {

Raster::Raster(double zoom, const std::string& instead) : program_(find_program("rsvg-convert")), zoom_(zoom) {
  if (program_.empty())
    throw Error(ExitStatus::failed, "rsvg-convert, which makes pixels of a diagram, is missing",
                "sudo apt-get install librsvg2-bin, or " + instead);
}

std::string Raster::png(const std::string& svg) const {
  OutputFile file("");
  file.write(svg);
  file.commit();
  lseek(fileno(file.stream()), 0, SEEK_SET);
  Finished made = run_program(
      {.command = {program_, "--zoom", fmt::format("{}", zoom_)}, .fds = {{fileno(file.stream()), STDIN_FILENO}}});
  if (made.status != 0) throw Error(ExitStatus::failed, "rsvg-convert: " + made.err.substr(0, made.err.find('\n')));
  return std::move(made.out);
}

}  // namespace zctrace::commands
