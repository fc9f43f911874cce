#include <doctest/doctest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/error.h"
#include "model/timeline/json_write.h"
#include "tests/unit/golden.h"
#include "tests/unit/read_document.h"
#include "tests/unit/timeline_samples.h"

namespace timeline_json_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

/// A file of this process that is gone with it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text = "") { std::ofstream(path_, std::ios::binary) << text; }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_, std::ios::binary).rdbuf();
    return all.str();
  }

 private:
  std::string path_ = std::filesystem::temp_directory_path() / ("zctrace-json-" + std::to_string(getpid()));
};

/// One event of each kind, with every field in use.
Document with_events() {
  auto document = samples::sendfile(false);
  auto& run = document.run;
  run.source.file = "/tmp/a \"b\"\n}\n\xe4\xb8\xad";
  run.lost = {7, {{"copy", 7}}};
  run.evidence.notes = {"One sentence.", message(Text::note_hook_silent, "filemap_read"),
                        message(Text::note_tracepoints_only, message(Text::reason_denied), "a }\n")};
  run.complete = false;
  document.names = {"", "sendfile", "skb_copy_bits", "skb_segment", "waiting", "NET_TX", "read", "eth\"0", "start"};
  const auto add = [&](EventKind kind, uint16_t name) -> Event& {
    Event event;
    event.t_ns = 1000 * (document.events.size() + 1);
    event.kind = kind;
    event.name = name;
    event.task = 42;
    event.cpu = 1;
    return document.events.emplace_back(event);
  };
  auto& call = add(EventKind::syscall, 1);
  call.dur_ns = 500;
  call.result = -11;
  call.count = 3;
  call.folded[0] = {2, End::page_cache, End::user_buffer, Mover::cpu, {}, 16, 120, 65536};
  call.folded[1] = {3, End::user_buffer, End::socket_buffer, Mover::reference, {}, 1, 130, 1};
  auto& copy = add(EventKind::copy, 2);
  copy.via = 3;
  copy.count = 2;
  copy.bytes = 1448;
  copy.from = copy.to = End::socket_buffer;
  copy.context = Context::softirq;
  copy.side = Side::receiver;
  copy.task = 0;
  add(EventKind::fault, 0).result = 1;
  add(EventKind::off_cpu, 4).dur_ns = 9;
  add(EventKind::softirq, 5).dur_ns = 8;
  auto& disk = add(EventKind::disk, 6);
  disk.dur_ns = 7;
  disk.bytes = 131072;
  disk.bytes2 = 65536;
  disk.result = 0;
  auto& packet = add(EventKind::transmit, 7);
  packet.count = 45;
  packet.bytes = 1;
  packet.bytes2 = ~uint64_t{0};
  packet.result = 66;
  add(EventKind::mark, 8);
  return document;
}

std::string written(const Document& document) {
  TemporaryFile file;
  write_document(file.path(), document);
  return file.text();
}

Document read_back(const std::string& text) { return read_document(TemporaryFile(text).path()); }

/// What reading it says; empty if it is accepted.
std::string complaint(const std::string& text) {
  TemporaryFile file(text);
  try {
    read_document(file.path());
    return {};
  } catch (const Error& error) {
    const std::string what = error.what();
    CHECK(what.starts_with(file.path() + ": "));
    CHECK(what.find('\n') == std::string::npos);
    CHECK(error.status == ExitStatus::failed);
    return what.substr(file.path().size() + 2);
  }
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a document survives writing and reading") {
  const auto document = with_events();
  const auto text = written(document);
  const auto back = read_back(text);
  CHECK(written(back) == text);
  REQUIRE(back.events.size() == document.events.size());
  CHECK(back.run.source.file == document.run.source.file);
  CHECK(back.run.complete == false);
  CHECK(back.events[0].result == -11);
  CHECK(back.events[0].folded[1].by == Mover::reference);
  CHECK(back.names[back.events[1].via] == "skb_segment");
  CHECK(back.events[6].bytes2 == ~uint64_t{0});
  CHECK(back.ledger.copies.size() == document.ledger.copies.size());
  for (const auto& sample : {samples::read_write(), samples::inferred(), samples::unseen(), Document{}})
    CHECK(written(read_back(written(sample))) == written(sample));
}

TEST_CASE("a line of a lone brace ends a document, and only that") {
  std::istringstream lines(written(with_events()));
  std::string line, last;
  int braces = 0;
  while (std::getline(lines, line)) {
    braces += line == "}";
    last = line;
  }
  CHECK(braces == 1);
  CHECK(last == "}");
}

TEST_CASE("unknown figures are null, not 0") {
  CHECK(contains(written(samples::sendfile(true)), "\"cpu_copies_per_byte\": 0.0"));
  CHECK(contains(written(samples::unseen()), "\"cpu_copies_per_byte\": null"));
}

TEST_CASE("documents may follow one another") {
  TemporaryFile file(written(samples::read_write()) + written(with_events()) + "\n");
  const auto all = read_summaries(file.path());
  REQUIRE(all.size() == 2);
  CHECK(all[0].run.method == "read_write");
  CHECK(all[1].run.method == "sendfile");
  CHECK(all[1].events.empty());
  CHECK_THROWS_AS(read_document(file.path()), Error);
}

TEST_CASE("names that are not UTF-8 do not spoil the document") {
  auto document = samples::read_write();
  document.run.source.file = "a\xff\x80z";
  CHECK(read_back(written(document)).run.source.file == "a\ufffd\ufffdz");
}

TEST_CASE("what is no document is refused in one line") {
  const auto good = written(with_events());
  CHECK(complaint(good).empty());
  CHECK(contains(complaint(""), "empty"));
  CHECK(contains(complaint(" \n "), "empty"));
  CHECK(contains(complaint("hello"), "not valid JSON"));
  CHECK(contains(complaint(std::string("\x7f"
                                       "ELF\0\1\2",
                                       7)),
                 "not valid JSON"));
  CHECK(contains(complaint("[]"), "not a zctrace recording"));
  CHECK(contains(complaint("42 "), "not a zctrace recording"));
  CHECK(contains(complaint("{}"), "not a zctrace recording"));
  CHECK(contains(complaint(R"({"traceEvents":[{"ph":"X"}]})"), "not a zctrace recording"));
  CHECK(contains(complaint(R"({"events":[1,2,3]})"), "not a zctrace recording"));
  CHECK(contains(complaint(R"({"schema":"other/1"})"), "not a zctrace recording"));
  CHECK(contains(complaint(R"({"schema":1})"), "not a zctrace recording"));
  CHECK(contains(complaint(R"({"schema":"zctrace.timeline/3","x":1})"),
                 "zctrace.timeline/3); this one reads zctrace.timeline/2"));
  CHECK(contains(complaint(R"({"schema":"zctrace.timeline/2"})"), "run: is missing"));
  CHECK(contains(complaint(R"({"schema":"zctrace.timeline/1"})"), "run: is missing"));
  CHECK(contains(complaint(good + "x"), "not valid JSON"));
  CHECK(contains(complaint(good.substr(0, good.size() - 3)), "is truncated"));
}

TEST_CASE("a newer schema's error says what to do") {
  TemporaryFile file(R"({"schema":"zctrace.timeline/3"})");
  try {
    read_document(file.path());
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(contains(error.what(), "a newer zctrace"));
    CHECK(contains(error.hint, "update zctrace"));
  }
}

TEST_CASE("a wrong value is named with its place") {
  const auto good = written(with_events());
  const auto wrong = [&](const char* what, const char* with) { return complaint(replaced(good, what, with)); };
  CHECK(contains(wrong("\"chunk\": 65536", "\"chunk\": -1"), "run.chunk: must be a whole number"));
  CHECK(contains(wrong("\"chunk\": 65536", "\"chunk\": 1.5"), "run.chunk: must be a whole number"));
  CHECK(contains(wrong("\"chunk\": 65536", "\"chunk\": 99999999999999999999"), "run.chunk: must be a whole number"));
  CHECK(contains(wrong("\"chunk\": 65536", "\"chunk\": NaN"), "not valid JSON"));
  CHECK(contains(wrong("\"chunk\": 65536", "\"chunk\": \"64KiB\""), "run.chunk: must be a whole number"));
  CHECK(contains(wrong("\"chunk\": 65536", "\"chunks\": 65536"), "run.chunk: is missing"));
  CHECK(contains(wrong("\"method\": \"sendfile\"", "\"method\": 3"), "run.method: must be a string"));
  CHECK(contains(wrong("\"copies\": \"exact\"", "\"copies\": \"certain\""),
                 "run.evidence.copies: must be one of: exact, at_least, sampled"));
  CHECK(contains(wrong("\"from\":\"disk\"", "\"from\":\"tape\""), "ledger.copies[0].from: must be one of: disk"));
  CHECK(contains(wrong("\"t\":1000,", "\"t\":-1000,"), "event: t: must not be negative"));
  CHECK(contains(wrong("\"t\":1000,", "\"t\":1e3,"), "event: t: must be a whole number"));
  CHECK(contains(wrong("\"t\":1000,", ""), "event: t: is missing"));
  CHECK(contains(wrong("\"t\":1000,", "\"t\":[1],"), "event: t: must not be a list"));
  CHECK(contains(wrong("\"kind\":\"syscall\"", "\"kind\":\"magic\""), "event: kind: must be one of: syscall"));
  CHECK(contains(wrong("\"cpu\":1", "\"cpu\":70000"), "event: cpu: is too large"));
  CHECK(contains(wrong("\"events\": [", "\"events\": [7,"), "an event or copy must be an object"));
  CHECK(contains(wrong("\"events\": [", "\"events\": [[],"), "unexpected list"));
  CHECK(contains(wrong("\"events\": [", "\"events\": [], \"events\": ["), "events: appears twice"));
  CHECK(contains(wrong("\"copies\":[{\"function\"", "\"copies\":[{\"function\":\"x\"},{\"function\""), "is missing"));
  CHECK(contains(wrong("{\"t\":1000", "{\"copies\":5,\"t\":1000"), "copies: must not be a number"));
}

TEST_CASE("a note is its row, its arguments and its English") {
  const auto text = written(with_events());
  CHECK(contains(text, R"({"id":"note_hook_silent","args":["filemap_read"],"text":"The hook on filemap_read did)"));
  CHECK(contains(text, R"({"id":"verbatim","args":["One sentence."],"text":"One sentence."})"));
  CHECK(read_back(text).run.evidence.notes == with_events().run.evidence.notes);
  const auto wrong = [&](const char* what, const char* with) { return complaint(replaced(text, what, with)); };
  CHECK(contains(wrong(R"(["filemap_read"])", "[]"), "run.evidence.notes[1]: must be a message"));
  CHECK(contains(wrong(R"("args":["filemap_read"],)", ""), "run.evidence.notes[1]: must be a message"));
  CHECK(contains(wrong(R"({"id":"verbatim")", "7,{\"id\":\"verbatim\""), "run.evidence.notes[0]: must be a message"));
  // A row that came later.
  const auto later = read_back(replaced(text, "note_hook_silent", "note_of_tomorrow"));
  CHECK(later.run.evidence.notes[1] == Message("The hook on filemap_read did not fire in the self-test."));
}

TEST_CASE("a document of schema 1 is read as one of schema 2") {
  const std::string folder = ZCTRACE_SOURCE_DIR "/tests/documents/";
  const auto run = read_document(folder + "run_1.json");
  REQUIRE(run.run.evidence.notes.size() == 1);
  CHECK(run.run.evidence.notes[0] ==
        message(Text::note_tracepoints_only, message(Text::reason_not_permitted), message(Text::reason_invalid)));
  CHECK(written(read_back(written(run))) == written(run));
  const auto program = read_document(folder + "program_1.json");
  REQUIRE(program.ledger.flows);
  CHECK(program.ledger.flows->unattributed_copies == 12);
  REQUIRE(program.run.detail);
  CHECK(program.run.detail->events == 4321);
  // But for its schema's names it is what is written today.
  CHECK(written(program) == approved("program.json", written(program)));
}

TEST_CASE("what is wrong in a document of schema 1 is named too") {
  std::ifstream file(ZCTRACE_SOURCE_DIR "/tests/documents/program_1.json");
  std::ostringstream content;
  content << file.rdbuf();
  const auto wrong = [&](const char* what, const char* with) { return complaint(replaced(content.str(), what, with)); };
  CHECK(contains(wrong("\"unfit\":", "\"unfi\":"), "ledger.flows.dropped: is missing"));
  CHECK(contains(wrong("\"left_out\":{", "\"left_out\":7,\"x\":{"), "run.detail.omitted: must be an object"));
  CHECK(contains(wrong("\"notes\":[]", "\"notes\":[7]"), "run.evidence.notes[0]: must be a message"));
  CHECK(contains(wrong("\"notes\":[]", "\"notes\":7"), "run.evidence.notes: must be a list"));
  CHECK(contains(wrong("\"detail\": {", "\"detail\": 7,\"x\": {"), "run.detail"));
  CHECK(contains(wrong("\"flows\": {", "\"flows\": 7,\"x\": {"), "ledger.flows: must be an object"));
}

TEST_CASE("members from a later addition are passed over") {
  auto text = written(with_events());
  text = replaced(text, "{\"t\":1000,", "{\"new\":{\"t\":[1,{\"kind\":2}]},\"t\":1000,\"more\":null,");
  text = replaced(text, "\"calls\":16", "\"extra\":[[{}]],\"calls\":16");
  text = replaced(text, "  \"run\":", "  \"other\": [{\"t\":1}],\n  \"run\":");
  CHECK(written(read_back(text)) == written(with_events()));
}

TEST_CASE("deep nesting is refused, not followed") {
  const std::string head = "{\"schema\":\"zctrace.timeline/2\",";
  for (const char* key : {"\"run\":", "\"events\":", "\"other\":"})
    CHECK(!complaint(head + key + std::string(1'000'000, '[')).empty());
  CHECK(!complaint(std::string(1'000'000, '[')).empty());
  std::string objects = head + "\"run\":";
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(contains(complaint(objects), "nested more than 32 deep"));
}

TEST_CASE("a stream that never makes sense comes to an end") {
  CHECK_THROWS_WITH_AS(read_summaries("/dev/zero"), doctest::Contains("is not valid JSON"), Error);
  const std::string endless(40u << 20, 'x');
  CHECK(contains(complaint("{\"schema\": \"" + endless), "a word of more than 16 MiB"));
  CHECK(contains(complaint(std::string(40u << 20, ' ')), "only blanks"));
  CHECK(contains(complaint("{" + std::string(40u << 20, '\n')), "a word of more than 16 MiB"));
}

TEST_CASE("damage anywhere ends in a document or an error, never in a crash") {
  const auto good = written(with_events());
  std::mt19937 random(1);  // the same damage each time
  for (int i = 0; i < 2000; ++i) {
    auto text = good;
    for (int hits = 1 + static_cast<int>(random() % 4); hits > 0; --hits) {
      const auto at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, random() % 40);
          break;
        case 2:
          text.insert(at, good.substr(random() % good.size(), random() % 40));
          break;
        default:
          text.insert(at, 1, "{}[],:\"0-"[random() % 9]);
          break;
      }
    }
    complaint(text);
  }
  for (size_t length = 0; length < good.size(); length += 7) CHECK(!complaint(good.substr(0, length)).empty());
}

TEST_CASE("a stream that cannot be written is an error") {
  CHECK_THROWS_AS(write_document("/dev/full", samples::read_write()), Error);
  CHECK_THROWS_AS(write_document("/no/such/place", samples::read_write()), Error);
  CHECK_THROWS_AS(read_document("/no/such/file"), Error);
  CHECK_THROWS_AS(read_document("/"), Error);
}

}  // namespace timeline_json_test
