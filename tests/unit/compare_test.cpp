#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"
#include "model/summary/figure_rows.h"
#include "model/summary/run_differences.h"
#include "model/timeline/flow_match.h"
#include "tests/unit/golden.h"
#include "tests/unit/program_samples.h"
#include "viz/terminal/comparison_table.h"
#include "viz/terminal/overview_table.h"

namespace compare_test {

using namespace zctrace;
using namespace zctrace::timeline;
using terminal::Style;

namespace {

/// What is compared of these documents.
struct Documents : std::vector<Measured> {
  Documents(std::initializer_list<Document> documents) {
    for (const auto& document : documents) push_back({document.run, document.ledger});
  }
  Documents(size_t times, const Document& document) : std::vector<Measured>(times, {document.run, document.ledger}) {}
};

/// Compares with tests/golden/compare_NAME.txt; ZCTRACE_UPDATE_GOLDEN=1 writes it instead.
void golden(const std::string& name, const std::string& text) {
  CAPTURE(name);
  CHECK(text == approved("compare_" + name + ".txt", text));
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The line of the table that begins with `label`, blanks taken together.
std::string line(const std::string& text, std::string_view label) {
  std::istringstream lines(text);
  for (std::string each; std::getline(lines, each);) {
    if (!each.starts_with(" " + std::string(label) + "  ")) continue;
    std::istringstream words(each);
    std::string joined;
    for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
    return joined;
  }
  return {};
}

/// The same splice, as an older kernel does it.
Document older() {
  auto document = samples::splice();
  document.run.kernel.release = "5.10.0-32-amd64";
  document.run.duration_ns *= 2;
  for (auto& copy : document.ledger.copies)
    if (copy.function == "skb_splice_from_iter") {
      copy.function = "do_tcp_sendpages";
      copy.calls = 1024;
    } else if (copy.function == "filemap_splice_read") {
      copy.function = "generic_file_splice_read";
    }
  return document;
}

Document hostile(const std::string& text) {
  auto document = samples::read_write();
  document.run.method = "exec";
  document.run.command = {text};
  document.run.kernel.release = document.run.path.device = document.run.source.file = text;
  document.ledger.sender.syscalls = {{text, UINT64_MAX}, {"", 1}, {"a/b", 1}};
  document.run.duration_ns = UINT64_MAX;
  document.ledger.payload_bytes = 1;
  for (auto& copy : document.ledger.copies) copy.bytes = copy.calls = UINT64_MAX;
  return document;
}

std::vector<std::pair<std::string, Documents>> all_samples() {
  auto warm = samples::splice();
  warm.run.cache = "warm";
  warm.run.size = 65536;
  return {{"methods",
           {samples::read_write(), samples::mmap_write(), samples::sendfile(false), samples::sendfile(true),
            samples::splice(), samples::tee(), samples::direct_io()}},
          {"paths",
           {samples::sendfile(true), samples::into(samples::sendfile(true), "file"),
            samples::into(samples::sendfile(true), "pipe")}},
          {"kernels", {older(), samples::splice()}},
          {"evidence", {samples::read_write(), samples::inferred(), samples::unseen()}},
          {"settings", {samples::splice(), warm}},
          {"same", {samples::splice(), samples::splice()}}};
}

}  // namespace

TEST_CASE("comparisons are as they were approved") {
  for (const auto& [name, documents] : all_samples()) golden(name, terminal::comparison_text(documents, {}));
  const Documents two{samples::read_write(), samples::sendfile(true)};
  golden("chinese", terminal::comparison_text(two, {.language = Language::chinese}));
  golden("ascii", terminal::comparison_text(two, {.unicode = false}));
  golden("colour", terminal::comparison_text(two, {.colour = true}));
  golden("narrow", terminal::comparison_text(two, {.width = 40}));
}

TEST_CASE("no line of a comparison is wider than the terminal, and no text steers it") {
  auto samples = all_samples();
  samples.push_back({"hostile",
                     {hostile("</script>\"'&"), hostile("\x1b[31m\xe2\x80\xae\n"), hostile(std::string(5000, 'x')),
                      hostile(""), hostile("零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝")}});
  for (const auto& [name, documents] : samples)
    for (const auto language : kLanguages)
      for (const int width : {80, 60, 40}) {
        const auto text = terminal::comparison_text(documents, {.language = language, .width = width});
        CAPTURE(name);
        CHECK(!contains(text, "\x1b"));
        std::istringstream lines(text);
        for (std::string each; std::getline(lines, each);) {
          CAPTURE(each);
          CHECK(columns(each) <= width);
        }
      }
  for (const auto& [name, documents] : samples)
    for (const char c : terminal::comparison_text(documents, {.unicode = false}))
      CHECK((c == '\n' || (c >= ' ' && c <= '~')));
}

TEST_CASE("differences are marked against the first run") {
  const auto text = terminal::comparison_text(Documents{samples::read_write(), samples::sendfile(true)}, {});
  CHECK(line(text, "CPU copies per byte") == "CPU copies per byte 2.00 0.00 gone");
  CHECK(line(text, "mode switches per chunk") == "mode switches per chunk 4.03 2.00 ×0.50");
  CHECK(line(text, "sendfile") == "sendfile - 64 new");
  CHECK(line(text, "write") == "write 64 - gone");
}

TEST_CASE("what the documents claim stands below what was measured") {
  const auto text =
      terminal::comparison_text(Documents{samples::read_write(), samples::splice(), samples::tee()}, {.width = 70});
  const auto copies = text.find("CPU copies per byte"), switches = text.find("mode switches per chunk");
  const auto claim = [&](size_t after) { return line(text.substr(text.find('\n', after) + 1), "  textbooks say"); };
  CHECK(claim(copies) == "textbooks say 2 0");
  CHECK(claim(switches) == "textbooks say 4 2");
}

TEST_CASE("edges are the same on every kernel, whatever its functions are called") {
  const auto text = terminal::comparison_text(Documents{older(), samples::splice()}, {});
  CHECK(!contains(text, "gone"));
  CHECK(!contains(text, "new"));
  CHECK(line(text, "CPU copies per byte") == "CPU copies per byte 0.00 =");
  CHECK(line(text, "duration under tracing") == "duration under tracing 24.7 ms ×0.50");
}

TEST_CASE("unknown is equal to nothing, and inferred is not measured") {
  const auto rows =
      summary::figure_rows(Documents{samples::unseen(), samples::unseen(), samples::inferred()}, Language::english);
  const auto copies = std::ranges::find(rows, "cpu_copies_per_byte", [](const auto& row) { return row.head.id; });
  REQUIRE(copies != rows.end());
  CHECK(!summary::measured_equal(copies->cells[0], copies->cells[1]));
  CHECK(!summary::measured_equal(copies->cells[2], copies->cells[2]));
  const auto text = terminal::comparison_text(Documents{samples::unseen(), samples::unseen()}, {});
  CHECK(line(text, "CPU copies per byte") == "CPU copies per byte unknown unknown");
  const auto mixed = terminal::comparison_text(Documents{samples::read_write(), samples::inferred()}, {});
  CHECK(line(mixed, "CPU copies per byte") == "CPU copies per byte 2.00 ~2.00");
}

TEST_CASE("a figure differs in its value or its evidence, not in its text") {
  const auto row_of = [](const Documents& runs, std::string_view id) {
    auto rows = summary::figure_rows(runs, Language::english);
    const auto row = std::ranges::find(rows, id, [](const auto& each) -> std::string_view { return each.head.id; });
    REQUIRE(row != rows.end());
    return *row;
  };
  auto more = samples::splice();
  more.run.duration_ns += 1;
  const auto time = row_of({samples::splice(), more}, "duration_ns");
  CHECK(time.cells[0].value == time.cells[1].value);
  CHECK(time.differs);
  CHECK(time.cells[1].differs);
  CHECK(time.time);
  const auto half = row_of({samples::splice(), samples::sendfile(true)}, "mode_switches");
  CHECK(half.cells[1].ratio == 0.5);
  CHECK(half.cells[1].change == "×0.50");
  auto least = samples::splice();
  least.ledger.sender.mode_switches = {1, 0};
  CHECK(row_of({samples::splice(), least}, "mode_switches").cells[1].change == "<×0.01");
  const auto inferred = row_of({samples::inferred(), samples::inferred()}, "cpu_copies_per_byte");
  CHECK(!inferred.differs);
  CHECK(!inferred.cells[1].equal);  // nobody counted it
  const auto evidence = row_of({samples::read_write(), samples::inferred()}, "cpu_copies_per_byte");
  CHECK(evidence.differs);
  CHECK(evidence.cells[1].change.empty());
  CHECK(!row_of({samples::unseen(), samples::unseen()}, "cpu_copies_per_byte").differs);
}

TEST_CASE("what only another run has is absent, or unknown where nobody looked") {
  auto blind = samples::sendfile(true);
  blind.run.evidence.system_calls = Evidence::none;
  const auto rows =
      summary::figure_rows(Documents{samples::read_write(), samples::sendfile(true), blind}, Language::english);
  const auto writes = std::ranges::find(rows, "syscalls/write", [](const auto& each) { return each.head.id; });
  REQUIRE(writes != rows.end());
  CHECK(writes->cells[1].absent);
  CHECK(writes->cells[1].value == "-");
  CHECK(writes->cells[1].change == "gone");
  CHECK(!writes->cells[2].absent);
  CHECK(writes->cells[2].value == "unknown");
  CHECK(!writes->cells[2].number);
}

TEST_CASE("every run of many is shown, each beside the first") {
  const Documents many(9, samples::splice());
  const auto text = terminal::comparison_text(many, {});
  for (int i = 1; i <= 9; ++i) CHECK(contains(text, "run " + std::to_string(i)));
}

TEST_CASE("runs are told apart by what differs, and by number where nothing does") {
  const auto first = samples::sendfile(true).run, second = samples::sendfile(false).run;
  const auto apart = summary::run_differences(std::vector{&first, &second}, Language::english);
  CHECK(apart.apart[0].empty());
  CHECK(apart.apart[1] == std::vector<std::string>{"SG off", "TSO off"});
  CHECK(std::ranges::count(apart.shared, "sendfile") == 1);
  const auto same = summary::run_differences(std::vector{&first, &first}, Language::english);
  CHECK(same.apart[1] == std::vector<std::string>{"run 2"});
}

TEST_CASE("two traces of a program are compared flow by flow, by what lasts of their names") {
  auto before = samples::nginx(), after = samples::nginx();
  for (auto& flow : after.ledger.flows->list)
    if (const auto at = flow.to.name.find(":410"); at != std::string::npos) flow.to.name.replace(at, 4, ":529");
  auto& part = after.ledger.flows->list[0].parts[0];
  part = samples::part(FlowMethod::read_write, FlowLink::buffer, part.bytes, 640, 2);
  const Documents runs{before, after};
  golden("programs", terminal::comparison_text(runs, {}));
  golden("programs_zh", terminal::comparison_text(runs, {.language = Language::chinese}));
  const Documents one_not{before, samples::sendfile(true)};
  for (const auto& row : summary::figure_rows(one_not, Language::english))
    if (row.head.id.starts_with("flows/")) CHECK(!row.cells[1].number);
}

TEST_CASE("what is new in each trace is left out of a flow's name") {
  using timeline::lasting_name;
  CHECK(lasting_name(samples::socket("tcp 10.0.0.1:80 - 10.0.0.2:41010", 1)) == "tcp 10.0.0.1:80 - 10.0.0.2:*");
  CHECK(lasting_name(samples::socket("tcp [::1]:51000 - [::1]:8080", 1)) == "tcp [::1]:* - [::1]:8080");
  CHECK(lasting_name(samples::socket("udp 0.0.0.0:32767", 1)) == "udp 0.0.0.0:32767");
  CHECK(lasting_name(samples::socket("unix /run/x.sock", 1)) == "unix /run/x.sock");
  CHECK(lasting_name({FlowEndKind::pipe, "pipe:[4711]", 13, 4711}) == "pipe");
  CHECK(lasting_name({FlowEndKind::pipe, "/run/fifo", 13, 4711}) == "/run/fifo");
  CHECK(lasting_name(samples::file("/a:40000", 1)) == "/a:40000");
  CHECK(lasting_name({FlowEndKind::file, "", 0, 0}) == "file");
}

TEST_CASE("a server's many connections are told together, each file's apart") {
  timeline::Flows flows;
  for (int i = 0; i < 30; ++i) {
    timeline::Flow& flow = flows.list.emplace_back();
    flow.from = {timeline::FlowEndKind::file, i % 2 ? "/srv/a" : "/srv/b", 1, i % 2 ? 10u : 11u};
    // Its own port is one that the kernel chose, too.
    flow.to = {timeline::FlowEndKind::socket, "tcp 10.0.0.1:40000 - 10.0.0.2:" + std::to_string(41000 + i), 9,
               100u + static_cast<unsigned>(i)};
    timeline::FlowPart& part = flow.parts.emplace_back();
    part.method = timeline::FlowMethod::sendfile;
    part.link = timeline::FlowLink::call;
    part.bytes = 100;
  }
  const auto together = timeline::told_together(flows, timeline::Alike::ports);
  REQUIRE(together.list.size() == 2);
  for (const auto& flow : together.list) {
    CHECK(flow.to.name == "tcp 10.0.0.1:40000 - 10.0.0.2:* ×15");
    CHECK(total(flow).bytes == 1500);
  }
}

TEST_CASE("a log's numbered segments are told together, another folder's and other files apart") {
  timeline::Flows flows;
  const auto add = [&](const std::string& file, uint64_t inode, const std::string& socket) {
    timeline::Flow& flow = flows.list.emplace_back();
    flow.from = samples::file(file, inode);
    flow.to = samples::socket(socket, 7);
    flow.parts = {samples::part(timeline::FlowMethod::sendfile, timeline::FlowLink::call, 100, 1, 0)};
  };
  const std::string client = "tcp 10.0.0.1:9092 - 10.0.0.2:41000";
  for (int i = 0; i < 300; ++i) add(fmt::format("/data/a-0/{:020}.log", i * 256), static_cast<uint64_t>(i), client);
  add("/data/b-0/00000000000000000000.log", 1000, client);
  add("/data/a-0/00000000000000000000.index", 1001, client);
  add("/data/a-0/00000000000000000000.log", 0, "tcp 10.0.0.1:9092 - 10.0.0.2:41001");
  std::map<std::string, uint64_t> bytes;
  for (const auto& flow : timeline::told_together(flows, timeline::Alike::numbers).list)
    bytes[flow.from.name + " " + flow.to.name] += total(flow).bytes;
  CHECK(bytes == std::map<std::string, uint64_t>{{"/data/a-0/*.log ×300 tcp 10.0.0.1:9092 - 10.0.0.2:* ×2", 30'100},
                                                 {"/data/b-0/00000000000000000000.log " + client, 100},
                                                 {"/data/a-0/00000000000000000000.index " + client, 100}});
}

TEST_CASE("overview: more runs than stand side by side have a row each, with what the textbooks say") {
  const Documents few{samples::read_write(), samples::splice()};
  const Documents many{samples::read_write(), samples::splice(), samples::sendfile(true), samples::mmap_write(),
                       samples::direct_io()};
  CHECK(terminal::comparison_fits(few, {}));
  CHECK(!terminal::comparison_fits(many, {.width = 60}));
  for (const int width : {60, 80, 120}) {
    const auto text = terminal::overview_text(many, {.width = width});
    std::istringstream lines(text);
    for (std::string each; std::getline(lines, each);) CHECK(columns(each) <= width);
    CHECK(line(text, "read + write").starts_with("read + write 2.00 2 4.03"));
    CHECK(line(text, "splice").starts_with("splice 0.00 0 4.00"));
  }
}

}  // namespace compare_test
