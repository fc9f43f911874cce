#include "userspace/commands/support/document_stream.h"

#include <cstdio>
#include <fstream>
#include <vector>

#include "base/error.h"

namespace zctrace::commands {

void DocumentStream::take(std::string_view bytes) {
  for (;;) {
    const size_t end = bytes.find(kRecordSeparator);
    if (const auto piece = bytes.substr(0, end); !piece.empty()) {
      if (!file_) file_ = std::make_unique<OutputFile>("");
      file_->write(piece);
    }
    if (end == bytes.npos) return;
    bytes.remove_prefix(end + 1);
    if (!file_) continue;  // two separators, of which one ends a document and one begins the next
    if (std::fflush(file_->stream())) throw Error(ExitStatus::failed, "cannot write a temporary file", "df /tmp");
    on_document_(std::move(file_));
    file_.reset();
    done_++;
  }
}

void DocumentStream::abandon() { file_.reset(); }

void read_pieces(const OutputFile& file, const std::function<void(std::string_view)>& take) {
  std::ifstream stream(file.readable_path(), std::ios::binary);
  std::vector<char> piece(1 << 16);
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) || stream.gcount())
    take(std::string_view(piece.data(), static_cast<size_t>(stream.gcount())));
}

void write_record(std::FILE* sink, const std::function<void()>& write) {
  std::fputc(kRecordSeparator, sink);
  write();
  std::fputc(kRecordSeparator, sink);
  std::fflush(sink);
}

void save_as(const std::string& path, const OutputFile& file) {
  OutputFile target(path);
  read_pieces(file, [&](std::string_view piece) { target.write(piece); });
  target.commit();
}

void save_as_record(const std::string& path, const OutputFile& file) {
  OutputFile target(path);
  write_record(target.stream(), [&] { read_pieces(file, [&](std::string_view piece) { target.write(piece); }); });
  target.commit();
}

}  // namespace zctrace::commands
