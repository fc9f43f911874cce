#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"
#include "model/language/texts.h"
#include "tests/unit/golden.h"
#include "tests/unit/read_document.h"
#include "tests/unit/timeline_samples.h"
#include "viz/terminal/canvas.h"
#include "viz/terminal/terminal.h"

namespace terminal_test {

using namespace zctrace;
using namespace zctrace::timeline;
using terminal::Ink;
using terminal::Style;

namespace {

std::string shown(const Document& document, Style style = {}) {
  return terminal::run_text(document.run, document.ledger, style);
}

/// Compares with tests/golden/NAME.txt; ZCTRACE_UPDATE_GOLDEN=1 writes it instead.
void golden(const std::string& name, const std::string& text) {
  CAPTURE(name);
  CHECK(text == approved("terminal_" + name + ".txt", text));
}

void fits(const std::string& text, int width) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(columns(line) <= width);
  }
}

Document one_byte() {
  auto document = samples::read_write();
  document.run.size = 1;
  for (auto& copy : document.ledger.copies) copy.bytes = copy.calls = 1;
  auto& ledger = document.ledger;
  ledger.payload_bytes = ledger.received_bytes = 1;
  ledger.sender.syscalls = {{"read", 1}, {"write", 1}};
  ledger.sender.mode_switches.syscall = 4;
  ledger.dma = {4096, 1, 1, 1};
  ledger.transmit = {1, 1, 1, 0, 66};
  for (auto& check : document.run.evidence.cross_check) check.breakpoint_bytes = check.ftrace_bytes = 1;
  return document;
}

/// A long run, with every name as long as it gets.
Document large(Document document) {
  const uint64_t times = 1 << 14;
  document.run.size *= times;
  document.run.kernel.release = "6.12.107+deb13-cloud-amd64-with-a-very-long-local-version-suffix";
  document.run.path.device = "enp0s31f6np1-vlan4094";
  document.run.path.driver = "a_driver_of_a_long_name";
  document.run.source.device = "mapper/vg-root-of-a-long-name";
  document.run.source.filesystem = "fuse.some-long-filesystem";
  auto& ledger = document.ledger;
  for (auto* figure :
       {&ledger.payload_bytes, &ledger.received_bytes, &ledger.sender.mode_switches.syscall, &ledger.dma.disk_bytes,
        &ledger.dma.disk_requests, &ledger.dma.nic_bytes, &ledger.dma.nic_packets, &ledger.transmit.packets,
        &ledger.transmit.paged_bytes, &ledger.transmit.linear_bytes, &ledger.transmit.header_bytes,
        &ledger.sender.user_faults, &ledger.sender.kernel_faults})
    *figure = *figure * times + 1023;
  for (auto& copy : ledger.copies) {
    copy.bytes *= times;
    copy.calls *= times;
    copy.function = "iov_iter_copy_from_user_atomic.constprop.0.isra.0_and_longer_still_than_any_line_is";
    copy.via = "an_enclosing_function_of_the_kernel_with_a_long_name";
  }
  for (int i = 0; i < 20; ++i) ledger.sender.syscalls["rt_sigtimedwait_time64_" + std::to_string(i)] = 1'000'000;
  document.run.lost = {123'456'789, {{"syscall", 100'000'000}, {"copy", 23'456'789}}};
  document.run.evidence.notes = {
      std::string(200, 'x'),
      "零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝"};
  return document;
}

std::vector<std::pair<std::string, Document>> all_samples() {
  auto disagree = samples::mmap_write();
  disagree.run.evidence.cross_check[0].ftrace_bytes -= 4096;
  disagree.run.evidence.copies = disagree.run.evidence.receiver_copies = Evidence::none;
  auto lost = samples::splice();
  lost.run.lost = {1200, {{"syscall", 1000}, {"transmit", 200}}};
  lost.run.complete = false;
  auto big = samples::read_write();
  auto& ledger = big.ledger;
  big.run.size <<= 8;
  for (auto* figure :
       {&ledger.payload_bytes, &ledger.received_bytes, &ledger.sender.mode_switches.syscall, &ledger.dma.disk_bytes,
        &ledger.dma.disk_requests, &ledger.dma.nic_bytes, &ledger.transmit.packets, &ledger.transmit.paged_bytes,
        &ledger.transmit.header_bytes, &ledger.sender.syscalls["read"], &ledger.sender.syscalls["write"]})
    *figure <<= 8;
  for (auto& copy : ledger.copies) {
    copy.bytes <<= 8;
    copy.calls <<= 8;
  }
  auto none = samples::unseen();
  none.run.evidence = {};
  auto program = samples::inferred();
  program.run.method = "exec";
  program.run.command = {"curl", "-sS", "--upload-file", "/srv/data/零拷贝\x1b[31m.bin",
                         "http://198.51.100.7:8080/a/rather/long/path"};
  program.run.size = program.run.chunk = 0;
  auto blank = program;
  blank.run.source = {};
  blank.run.path = {};
  return {{"program_of_unknown_ends", blank},
          {"read_write", samples::read_write()},
          {"mmap_write", samples::mmap_write()},
          {"sendfile_sg", samples::sendfile(true)},
          {"sendfile_no_sg", samples::sendfile(false)},
          {"splice", samples::splice()},
          {"tee", samples::tee()},
          {"direct_io", samples::direct_io()},
          {"read_write_file", samples::into(samples::read_write(), "file")},
          {"splice_file", samples::into(samples::splice(), "file")},
          {"tee_pipe", samples::into(samples::tee(), "pipe")},
          {"inferred", samples::inferred()},
          {"unseen", samples::unseen()},
          {"none", none},
          {"lost", lost},
          {"disagree", disagree},
          {"one_byte", one_byte()},
          {"one_gib", big},
          {"program", program}};
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Where the picture's corners are: row and column of each.
std::vector<std::pair<int, int>> frames(const std::string& text) {
  std::vector<std::pair<int, int>> corners;
  std::istringstream lines(text);
  int row = 0, column = 0;
  for (std::string line; std::getline(lines, line); ++row, column = 0)
    for (const char32_t character : characters(line)) {
      if (std::u32string_view(U"╭╮╰╯").find(character) != std::u32string_view::npos) corners.emplace_back(row, column);
      column += columns(character);
    }
  return corners;
}

/// The environment's languages for one test.
class Locale {
 public:
  explicit Locale(const std::map<std::string, std::string>& set) {
    for (const char* variable : kVariables) {
      if (const char* value = std::getenv(variable)) before_[variable] = value;
      unsetenv(variable);
    }
    for (const auto& [variable, value] : set) setenv(variable.c_str(), value.c_str(), 1);
  }
  ~Locale() {
    for (const char* variable : kVariables) unsetenv(variable);
    for (const auto& [variable, value] : before_) setenv(variable.c_str(), value.c_str(), 1);
  }
  Locale(const Locale&) = delete;
  Locale& operator=(const Locale&) = delete;

 private:
  static constexpr const char* kVariables[] = {"LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG"};
  std::map<std::string, std::string> before_;
};

std::pair<bool, Language> style_in(const std::map<std::string, std::string>& set) {
  const Locale locale(set);
  const auto style = terminal::style_of(stderr);
  return {style.unicode, style.language};
}

}  // namespace

TEST_CASE("terminal: what goes into a pipe does not cross the words on the border") {
  auto document = samples::base("vmsplice");
  auto& copies = document.ledger.copies;
  copies.push_back(samples::copy(End::page_cache, End::user_buffer, Mover::cpu, "_copy_to_iter", samples::kSize, 64));
  copies.push_back(samples::copy(End::user_buffer, End::pipe, Mover::reference, "vmsplice", samples::kSize, 64));
  copies.push_back(
      samples::copy(End::pipe, End::socket_buffer, Mover::reference, "skb_splice_from_iter", samples::kSize, 64));
  samples::calls(document, {{"read", 64}, {"vmsplice", 64}, {"splice", 64}});
  CHECK(shown(document).find("384 mode switches ┄") != std::string::npos);
}

TEST_CASE("terminal: what was found stands last where the terminal is too low for all") {
  const auto text = shown(samples::splice());
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  CHECK(shown(samples::splice(), {.rows = lines + 1}) == text);
  const auto head = text.substr(0, text.find("\n\n") + 1);
  CHECK(shown(samples::splice(), {.rows = lines}) == text.substr(head.size() + 1) + "\n" + head);
}

TEST_CASE("pictures are as they were approved") {
  for (const auto& [name, document] : all_samples()) golden(name, shown(document));
  golden("ascii", shown(samples::sendfile(false), {.colour = false, .unicode = false}));
  golden("colour", shown(samples::sendfile(false), {.colour = true}));
  golden("narrow", shown(samples::sendfile(false), {.width = 60}));
}

TEST_CASE("Chinese pictures are as they were approved") {
  const Style chinese{.language = Language::chinese};
  for (const auto& [name, document] : all_samples())
    if (name != "one_gib" && name != "program") golden("zh_" + name, shown(document, chinese));
  auto noted = samples::inferred();
  noted.run.evidence.notes = {message(Text::note_tracepoints_only, message(Text::reason_not_permitted), "?"),
                              "A note of another version."};
  golden("zh_notes", shown(noted, chinese));
  golden("zh_narrow", shown(samples::sendfile(false), {.language = Language::chinese, .width = 40}));
}

TEST_CASE("a document of schema 1 is shown as any other, its notes too") {
  const auto document = timeline::read_document(ZCTRACE_SOURCE_DIR "/tests/documents/run_1.json");
  golden("schema_1", shown(document));
  golden("schema_1_zh", shown(document, {.language = Language::chinese}));
}

TEST_CASE("no line is wider than the terminal") {
  for (const auto& [name, document] : all_samples())
    for (const auto& sample : {document, large(document)})
      for (const auto language : kLanguages) {
        CAPTURE(name);
        fits(shown(sample, {.language = language}), 80);
        fits(shown(sample, {.unicode = false, .language = language}), 80);
        fits(shown(sample, {.language = language, .width = 60}), 60);
        fits(shown(sample, {.language = language, .width = 40}), 40);
      }
}

TEST_CASE("boxes stand in the same columns in both languages") {
  for (const auto& [name, document] : all_samples()) {
    CAPTURE(name);
    CHECK(frames(shown(document)) == frames(shown(document, {.language = Language::chinese})));
  }
}

TEST_CASE("a Chinese picture has Chinese words only") {
  for (auto [name, document] : all_samples()) {
    document.run.evidence.notes.clear();
    const auto text = shown(document, {.language = Language::chinese});
    for (const std::string word :
         {"copies", "copied", "switch", "buffer", "unknown", "none", "page cache", " in ", "by "}) {
      CAPTURE(name);
      CAPTURE(word);
      CHECK(!contains(text, word));
    }
  }
}

TEST_CASE("ASCII output is ASCII, and no text steers the terminal") {
  for (const auto& [name, document] : all_samples()) {
    CAPTURE(name);
    for (char c : shown(document, {.unicode = false})) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
    CHECK(!contains(shown(document), "\x1b"));
  }
  auto others = samples::read_write();
  for (auto& copy : others.ledger.copies) copy.function = copy.via = "\x1b[31m";
  CHECK(contains(shown(others), "?[31m in ?[31m"));
  CHECK(!contains(shown(others), "\x1b"));
}

TEST_CASE("the lesson stands in the first line") {
  CHECK(shown(samples::read_write()).starts_with(" read + write: 2.00 CPU copies per byte on the sending side\n"));
  CHECK(shown(samples::splice()).starts_with(" splice: 0.00 CPU copies"));
  CHECK(shown(samples::inferred()).starts_with(" read + write: ~2.00 CPU copies"));
  CHECK(shown(samples::unseen()).starts_with(" sendfile: unknown CPU copies"));
}

TEST_CASE("no DMA is drawn where there is none") {
  const auto text = shown(samples::inferred());
  CHECK(!contains(text, "║"));
  CHECK(contains(text, "loopback, no DMA"));
  CHECK(contains(text, "no disk DMA: tmpfs"));
}

TEST_CASE("the locale chooses language and characters") {
  using Is = std::pair<bool, Language>;
  CHECK(style_in({{"LANG", "zh_CN.UTF-8"}}) == Is{true, Language::chinese});
  CHECK(style_in({{"LANG", "zh_CN.utf8"}}) == Is{true, Language::chinese});
  CHECK(style_in({{"LANG", "zh_CN"}}) == Is{false, Language::english});
  CHECK(style_in({{"LANG", "zh_CN.GB18030"}}) == Is{false, Language::english});
  CHECK(style_in({{"LANG", "C.UTF-8"}}) == Is{true, Language::english});
  CHECK(style_in({{"LANG", "fr_FR.UTF-8"}}) == Is{true, Language::english});
  CHECK(style_in({{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", "C.UTF-8"}}) == Is{true, Language::english});
  CHECK(style_in({{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", "C"}}) == Is{false, Language::english});
  CHECK(style_in({{"LANG", "C.UTF-8"}, {"LC_MESSAGES", "zh_CN.UTF-8"}}) == Is{true, Language::chinese});
  CHECK(style_in({}) == Is{false, Language::english});
}

TEST_CASE("nothing breaks a wide character in two") {
  terminal::Canvas canvas(8, 1);
  const auto line = [&] { return canvas.lines({}).at(0); };
  canvas.put(0, 0, "零拷贝", Ink::plain);
  canvas.put(0, 3, "x", Ink::plain);
  CHECK(line() == "零 x贝");
  canvas.put(0, 4, "y", Ink::plain);
  CHECK(line() == "零 xy");
  canvas.put(0, 1, "拷", Ink::plain);
  CHECK(line() == " 拷xy");
  canvas.put(0, 7, "贝", Ink::plain);
  CHECK(columns(line()) <= 8);
  canvas.put(0, -1, "贝z", Ink::plain);
  CHECK(line() == " z xy  …");
}

TEST_CASE("text is measured in columns") {
  CHECK(columns("零拷贝") == 6);
  CHECK(columns("e\u0301") == 1);
  CHECK(columns("\u231a\u2705\u26a1\U0001f600") == 8);    // emoji, also those of before there were any
  CHECK(columns("\u2500\u2026\u25b6\u00d7\u00b7") == 5);  // what we draw with
  CHECK(fit("零拷贝", 4) == "零…");
  CHECK(fit("abc", 3) == "abc");
  CHECK(fit("abcd", 3) == "ab…");
  CHECK(fit("a\xff\x1b\xe4\xb8", 9) == "a????");
  CHECK(pad("ab", 4, true) == "  ab");
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("", 7).empty());
  CHECK(wrap("零拷贝，零拷贝", 6) == std::vector<std::string>{"零拷", "贝，零", "拷贝"});
  CHECK(wrap("零拷贝（一", 8) == std::vector<std::string>{"零拷贝", "（一"});
  CHECK(wrap("由 splice 完成", 6) == std::vector<std::string>{"由", "splice", "完成"});
}

}  // namespace terminal_test
