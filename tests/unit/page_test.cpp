#include <doctest/doctest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "model/language/texts.h"
#include "model/timeline/json_write.h"
#include "tests/unit/timeline_samples.h"
#include "viz/page/bundle.h"
#include "viz/page/packed.h"
#include "viz/page/page.h"

namespace page_test {

using namespace zctrace;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    auto name = (fs::temp_directory_path() / "zctrace-page-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const timeline::Document& document) const {
    const auto path = (path_ / name).string();
    timeline::write_document(path, document);
    return path;
  }

 private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string page_of(const std::vector<std::string>& files, Language language = Language::english) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* sink = open_memstream(&text, &size);
  try {
    page::write_page(sink, files, {language, "1.2.3", {}});
  } catch (...) {
    std::fclose(sink);
    std::free(text);
    throw;
  }
  std::fclose(sink);
  std::string page(text, size);
  std::free(text);
  return page;
}

std::string unpacked(const std::string& base64) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int held = 0;
  for (const char digit : base64) {
    if (digit == '=') break;
    const auto value = digits.find(digit);
    if (value == digits.npos) FAIL("not base64");
    bits = bits << 6 | static_cast<uint32_t>(value);
    if ((held += 6) >= 8) bytes += static_cast<char>(bits >> (held -= 8));
  }
  z_stream zip{};
  REQUIRE(inflateInit2(&zip, 16 + MAX_WBITS) == Z_OK);
  zip.next_in = reinterpret_cast<Bytef*>(bytes.data());
  zip.avail_in = static_cast<uInt>(bytes.size());
  std::string text, part(1 << 16, '\0');
  int status = Z_OK;
  while (status == Z_OK) {
    zip.next_out = reinterpret_cast<Bytef*>(part.data());
    zip.avail_out = static_cast<uInt>(part.size());
    status = inflate(&zip, Z_NO_FLUSH);
    text.append(part, 0, part.size() - zip.avail_out);
  }
  inflateEnd(&zip);
  REQUIRE(status == Z_STREAM_END);
  return text;
}

/// The data of the script element with that id; empty where there is none.
std::string block(const std::string& page, const std::string& id) {
  const auto open = "<script type=\"application/gzip;base64\" id=\"" + id + "\">";
  const auto start = page.find(open);
  if (start == page.npos) return {};
  const auto from = start + open.size();
  return unpacked(page.substr(from, page.find("</script>", from) - from));
}

nlohmann::json json_block(const std::string& page, const std::string& id) {
  return nlohmann::json::parse(block(page, id));
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("page: what is packed arrives whole, also where it is packed less well") {
  std::string data;
  for (uint64_t i = 0; data.size() < 3 << 20; ++i) data += std::to_string(i * i % 99991) + ",";
  char* text = nullptr;
  size_t size = 0;
  std::FILE* sink = open_memstream(&text, &size);
  page::Packed packed(sink);
  for (size_t at = 0; at < data.size(); at += 10'007) {
    const auto piece = data.substr(at, 10'007);
    REQUIRE(std::fwrite(piece.data(), 1, piece.size(), packed.stream()) == piece.size());
  }
  CHECK(packed.finish() == data.size());
  std::fclose(sink);
  CHECK((unpacked({text, size}) == data));
  std::free(text);
}

TEST_CASE("the page holds each document byte for byte") {
  const Folder folder;
  const auto first = folder.write("a.json", samples::read_write()), second = folder.write("b.json", samples::tee());
  const auto page = page_of({first, second});
  CHECK(block(page, "document-0") == content(first));
  CHECK(block(page, "document-1") == content(second));
  CHECK(block(page, "document-2").empty());
}

TEST_CASE("what the page says of a run is there in both languages") {
  const Folder folder;
  const auto page = page_of({folder.write("a.json", samples::read_write())}, Language::chinese);
  const auto report = json_block(page, "report");
  CHECK(report["language"] == "zh");
  CHECK(report["version"] == "1.2.3");
  CHECK(!report.contains("comparison"));
  const auto& run = report["runs"][0];
  CHECK(run["file"] == "a.json");
  CHECK(run["said"]["en"]["verdict"]["figure"] == "2.00");
  CHECK(run["said"]["en"]["verdict"]["tone"] == "bad");
  CHECK(run["said"]["zh"]["verdict"]["what"] == words(Text::on_sending_side, Language::chinese));
  for (const auto language : kLanguages) {
    const std::string code(zctrace::code(language));
    CHECK(run["said"][code]["figures"].size() > 10);
    CHECK(report["texts"][code].size() == static_cast<size_t>(Text::count));
    const auto pictures = json_block(page, "pictures-0");
    for (const char* form : {"wide", "narrow"})
      for (const char* picture : {"flow", "chunk", "whole"})
        CHECK(pictures[code][form][picture].get<std::string>().starts_with("<svg"));
  }
}

TEST_CASE("several runs are compared, and downloads have names of their own") {
  const Folder folder;
  const auto file = folder.write("a.json", samples::splice());
  const auto report = json_block(page_of({file, file}), "report");
  CHECK(report["comparison"]["zh"]["narrow"].get<std::string>().starts_with("<svg"));
  CHECK(report["runs"][0]["file"] == "a.json");
  CHECK(report["runs"][1]["file"] == "a-2.json");
}

TEST_CASE("the page has the comparison's rows, and says unknown where a run's figure is not known") {
  const Folder folder;
  auto blind = samples::sendfile(true);
  blind.run.evidence.system_calls = timeline::Evidence::none;
  const auto report =
      json_block(page_of({folder.write("a.json", samples::read_write()),
                          folder.write("b.json", samples::sendfile(true)), folder.write("c.json", blind)}),
                 "report");
  const auto row = [&](const char* language, const std::string& id) {
    const auto& rows = report["rows"][language];
    const auto found = std::ranges::find_if(rows, [&](const auto& each) { return each["id"] == id; });
    REQUIRE(found != rows.end());
    return *found;
  };
  const auto writes = row("en", "syscalls/write");
  REQUIRE(writes["cells"].size() == 3);
  CHECK(writes["differs"] == true);
  CHECK(writes["cells"][1]["value"] == "-");
  CHECK(writes["cells"][1]["absent"] == true);
  CHECK(writes["cells"][1]["change"] == "gone");
  CHECK(writes["cells"][2]["value"] == "unknown");
  CHECK(writes["cells"][2]["evidence"] == "none");
  CHECK(row("zh", "syscalls/write")["cells"][2]["value"] == words(Text::unknown, Language::chinese));
  CHECK(row("en", "payload_bytes")["differs"] == false);
  CHECK(!json_block(page_of({folder.write("d.json", samples::splice())}), "report").contains("rows"));
}

TEST_CASE("no name in a document becomes markup of the page") {
  const std::string evil = "</script><script>alert(1)</script><!--\"'&\x01";
  auto document = samples::read_write();
  document.run.method = "exec";
  document.run.command = {evil};
  document.run.kernel.release = document.run.path.device = document.run.source.device = evil;
  document.run.evidence.notes = {evil};
  for (auto& copy : document.ledger.copies) copy.function = copy.via = evil;
  document.names.push_back(evil);
  timeline::Event event;
  event.kind = timeline::EventKind::syscall;
  event.task = 1;
  event.dur_ns = 1'000'000'000'000'000'000;
  event.name = 1;
  document.events = {event};
  const Folder folder;
  const auto page = page_of({folder.write("a.json", document)});
  auto harmless = samples::read_write();
  harmless.names.push_back("read");
  harmless.events = {event};
  const auto plain = page_of({folder.write("b.json", harmless)});
  CHECK(page.find("alert(1)") == page.npos);
  CHECK(count(page, "<script") == count(plain, "<script"));
  CHECK(count(page, "</script") == count(plain, "</script"));
  const auto pictures_of_all = json_block(page, "pictures-0");
  for (const auto& [language, forms] : pictures_of_all.items())
    for (const auto& [form, pictures] : forms.items())
      for (const auto& [name, svg] : pictures.items())
        CHECK(svg.get<std::string>().find("<script") == std::string::npos);
}

TEST_CASE("the bundle is one file that loads nothing") {
  const std::string bundle(page::bundle());
  CHECK(bundle.size() < 1'000'000);
  CHECK(count(bundle, std::string(page::kDataMark)) == 1);
  CHECK(bundle.find("default-src 'none'; script-src 'sha256-") != bundle.npos);
  CHECK(count(bundle, "://") == count(bundle, "http://www.w3.org/"));  // names of XML, not addresses
}

TEST_CASE("every text that the page asks for by name is in the table") {
  std::vector<std::string> known;
  for (uint16_t i = 0; i < static_cast<uint16_t>(Text::count); ++i) known.emplace_back(name(static_cast<Text>(i)));
  size_t found = 0;
  for (const auto& file : fs::recursive_directory_iterator(ZCTRACE_SOURCE_DIR "/viz/web/src")) {
    if (file.path().extension() != ".ts") continue;
    const auto source = content(file.path());
    for (const std::string before : {"say(\"", "sayCount(\"", "put(\"", "\"page_"})
      for (auto at = source.find(before); at != source.npos; at = source.find(before, at + 1), ++found) {
        const auto start = source.find('"', at) + 1;
        const auto text = source.substr(start, source.find('"', start) - start);
        CAPTURE(file.path().string());
        CAPTURE(text);
        CHECK(std::ranges::count(known, text) == 1);
      }
  }
  CHECK(found > 100);
}

TEST_CASE("a page that cannot be written or a document that is none is an error") {
  const Folder folder;
  const auto file = folder.write("a.json", samples::read_write());
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> full(std::fopen("/dev/full", "w"), &std::fclose);
  CHECK_THROWS_AS(page::write_page(full.get(), std::vector{file}, {}), Error);
  CHECK_THROWS_AS(page_of({ZCTRACE_SOURCE_DIR "/CMakeLists.txt"}), Error);
}

}  // namespace page_test
