#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace zctrace {

/// What was approved as tests/golden/FILE. With ZCTRACE_UPDATE_GOLDEN=1 that becomes `text` first.
inline std::string approved(const std::string& file, const std::string& text) {
  const auto path = std::filesystem::path(ZCTRACE_SOURCE_DIR) / "tests/golden" / file;
  if (std::getenv("ZCTRACE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

}  // namespace zctrace
