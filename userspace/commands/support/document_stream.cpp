#include "userspace/commands/support/document_stream.h"

#include <cstdio>
#include <fstream>
#include <vector>

#include "base/error.h"

namespace zctrace::commands {

void DocumentStream::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end == bytes.npos ? bytes.size() : end + 1);
    bytes.remove_prefix(piece.size());
    if (!file_) file_ = std::make_unique<OutputFile>("");
    file_->write(piece);
    // Only the beginning of a line tells, and it may come in two pieces.
    if (line_.size() < 3) line_ += piece.substr(0, 3 - line_.size());
    if (end == piece.npos || piece.back() != '\n') continue;
    const bool last = line_ == "}\n";
    line_.clear();
    if (!last) continue;
    if (std::fflush(file_->stream())) throw Error(ExitStatus::failed, "cannot write a temporary file", "df /tmp");
    on_document_(std::move(file_));
    file_.reset();
    done_++;
  }
}

void DocumentStream::abandon() {
  file_.reset();
  line_.clear();
}

void read_pieces(const OutputFile& file, const std::function<void(std::string_view)>& take) {
  std::ifstream stream(file.readable_path(), std::ios::binary);
  std::vector<char> piece(1 << 16);
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) || stream.gcount())
    take(std::string_view(piece.data(), static_cast<size_t>(stream.gcount())));
}

void save_as(const std::string& path, const OutputFile& file) {
  OutputFile target(path);
  read_pieces(file, [&](std::string_view piece) { target.write(piece); });
  target.commit();
}

}  // namespace zctrace::commands
