#include "userspace/commands/support/document_stream.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace document_stream_test {

using namespace zctrace;
using namespace zctrace::commands;

namespace {

std::string content(const OutputFile& file) {
  std::string all;
  read_pieces(file, [&](std::string_view piece) { all += piece; });
  return all;
}

/// What write_record puts into a stream.
std::string record(const std::string& document) {
  OutputFile file("");
  write_record(file.stream(), [&] { file.write(document); });
  return content(file);
}

}  // namespace

TEST_CASE("a stream is cut into its documents, however it comes") {
  // What a reader of lines would take for an end, and one that is on a single line.
  const std::vector<std::string> documents{"{\n\"a\": [\n{\n}\n]\n}\n", "{\"b\": 1}\n"};
  const std::string stream = record(documents[0]) + record(documents[1]);
  for (size_t size = 1; size <= stream.size(); ++size) {
    std::vector<std::string> whole;
    DocumentStream cut([&](std::unique_ptr<OutputFile> file) { whole.push_back(content(*file)); });
    for (size_t at = 0; at < stream.size(); at += size) cut.take(std::string_view(stream).substr(at, size));
    CHECK(whole == documents);
    CHECK(cut.done() == 2);
  }
}

TEST_CASE("a document is there as soon as it is whole, and never before") {
  std::vector<std::string> whole;
  DocumentStream cut([&](std::unique_ptr<OutputFile> file) { whole.push_back(content(*file)); });
  const std::string first = record("{\n}\n");
  cut.take(first.substr(0, first.size() - 1));
  CHECK(whole.empty());
  cut.take(first.substr(first.size() - 1));
  CHECK(whole.size() == 1);
  cut.take("\x1e{ cut off");
  cut.abandon();
  cut.take(record("{}\n"));
  CHECK(whole == std::vector<std::string>{"{\n}\n", "{}\n"});
}

}  // namespace document_stream_test
