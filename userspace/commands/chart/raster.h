#pragma once

#include <filesystem>
#include <string>

namespace zctrace::commands {

/// Makes PNGs of SVGs, by librsvg's program. From several threads at once, too.
class Raster {
 public:
  /// `zoom`: px of the PNG per px of the SVG. `instead`: what to do where the program is missing.
  /// Throws Error (failed).
  Raster(double zoom, const std::string& instead);

  /// The PNG's bytes. Throws Error (failed) with what the program says.
  std::string png(const std::string& svg) const;

 private:
  std::filesystem::path program_;
  double zoom_;
};

}  // namespace zctrace::commands
