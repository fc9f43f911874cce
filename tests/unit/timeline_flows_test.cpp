#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "model/timeline/check.h"
#include "model/timeline/json_write.h"
#include "model/timeline/ledger.h"
#include "tests/unit/golden.h"
#include "tests/unit/program_samples.h"
#include "tests/unit/read_document.h"

namespace timeline_flows_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

const std::string kFile = std::filesystem::temp_directory_path() / ("zctrace-flows-" + std::to_string(getpid()));

std::string written(const Document& document) {
  write_document(kFile, document);
  std::ostringstream all;
  all << std::ifstream(kFile, std::ios::binary).rdbuf();
  std::filesystem::remove(kFile);
  return all.str();
}

Document read_back(const std::string& text) {
  std::ofstream(kFile, std::ios::binary) << text;
  const auto document = read_document(kFile);
  std::filesystem::remove(kFile);
  return document;
}

/// What reading `text` with its first `what` made `with` says, without the file's name; empty if it is accepted.
std::string complaint(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  text.replace(at, what.size(), with);
  std::string said;
  try {
    read_back(text);
  } catch (const Error& error) {
    said = error.what();
    CHECK(said.find('\n') == std::string::npos);
    said.erase(0, kFile.size() + 2);
  }
  std::filesystem::remove(kFile);
  return said;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("flows survive writing and reading") {
  for (const auto& sample : {samples::nginx(), samples::cp(), samples::program_inferred(), samples::nothing_moved()}) {
    const auto text = written(sample);
    const auto back = read_back(text);
    CHECK(written(back) == text);
    REQUIRE(back.ledger.flows);
    CHECK(back.ledger.flows->list.size() == sample.ledger.flows->list.size());
  }
  const auto back = read_back(written(samples::nginx()));
  const auto& flow = back.ledger.flows->list.at(0);
  CHECK(flow.from == samples::nginx().ledger.flows->list[0].from);
  CHECK(flow.parts.at(0).method == FlowMethod::sendfile);
  CHECK(flow.parts.at(0).link == FlowLink::call);
  CHECK(flow.sent_dma);
  CHECK(back.ledger.flows->unattributed_copies == 12);
  REQUIRE(back.run.detail);
  CHECK(back.run.detail->window == "first:10000");
  CHECK(back.run.detail->by_kind.at("transmit") == 321);
}

TEST_CASE("whose a flow is comes back from the document, its memory too") {
  auto document = samples::cp();
  Flow flow = document.ledger.flows->list.at(0);
  flow.to = samples::memory();
  set_process(flow, Process{.command = "sh", .pid = 12, .unit = "a.service", .container = "web"});
  document.ledger.flows->list.push_back(flow);
  set_process(flow, Process{.command = "sh", .count = 30});
  document.ledger.flows->list.push_back(flow);
  const auto back = read_back(written(document));
  const auto& list = back.ledger.flows->list;
  CHECK(!list.at(0).process);
  CHECK(list.at(list.size() - 2).process == document.ledger.flows->list[list.size() - 2].process);
  CHECK(list.back().process == Process{.command = "sh", .count = 30});
  CHECK(list.back().to.process == list.back().process);
  CHECK(!list.back().from.process);
}

TEST_CASE("the document that other tests read is the one that is written") {
  const auto text = written(samples::nginx());
  CHECK(text == approved("program.json", text));
}

TEST_CASE("a run of a built-in method has neither flows nor a window") {
  const auto text = written(samples::sendfile(true));
  CHECK(!contains(text, "\"flows\""));
  CHECK(!contains(text, "\"detail\""));
  CHECK(!read_back(text).ledger.flows);
}

TEST_CASE("a flow's derived figures are written, null where unknown, and not read") {
  const auto text = written(samples::program_inferred());
  CHECK(contains(text, R"("cpu_copies_per_byte": 2.0)"));
  CHECK(contains(text, R"("cpu_copies_per_byte": null)"));
  CHECK(contains(text, R"("mode_switches_per_mib": 32.0)"));
  CHECK(contains(written(samples::nginx()), R"("method": "mixed")"));
  CHECK(complaint(text, R"("cache_reuse": 1.0)", R"("cache_reuse": "much")").empty());
}

TEST_CASE(
    "what went to the disk, and the kernel's parameters, are written and read, and left out where there are none") {
  auto document = samples::cp();
  for (const char* name : {"written_bytes", "write_requests", "unseen_disk_bytes", "\"parameters\""})
    CHECK(!contains(written(document), name));
  CHECK(!read_back(written(document)).ledger.flows->writes_followed);
  document.run.kernel.parameters = "swiotlb=force";
  document.ledger.dma.written_bytes = 8192;
  document.ledger.dma.write_requests = 2;
  document.ledger.dma.unseen_disk_bytes = 4096;
  document.ledger.flows->list[0].parts[0].written_bytes = 8192;
  document.ledger.flows->list[0].parts[0].written_later_bytes = 4096;
  const auto back = read_back(written(document));
  CHECK(back.run.kernel.parameters == "swiotlb=force");
  CHECK(back.ledger.dma.written_bytes == 8192);
  CHECK(back.ledger.dma.write_requests == 2);
  CHECK(back.ledger.dma.unseen_disk_bytes == 4096);
  CHECK(back.ledger.flows->writes_followed);
  CHECK(back.ledger.flows->list[0].parts[0].written_bytes == 8192);
  CHECK(back.ledger.flows->list[0].parts[0].written_later_bytes == 4096);
}

TEST_CASE("a lower bound is written, read and summed: never taken for all") {
  auto document = samples::nginx();
  FlowPart& part = document.ledger.flows->list[0].parts[0];
  CHECK(!contains(written(document), "at_least"));
  part.at_least_by = Uncounted::terminal;
  const auto text = written(document);
  const auto back = read_back(text).ledger.flows->list.at(0);
  CHECK(back.parts.at(0).at_least_by == Uncounted::terminal);
  CHECK(total(back).at_least_by == Uncounted::terminal);
  CHECK(copies_evidence(total(back)) == Evidence::at_least);
  CHECK(copies_per_byte(total(back)));
  CHECK(uncopied_bytes(total(back)) == 0);
  CHECK(contains(complaint(text, "\"terminal\"", "\"magic\""), "at_least_by: must be one of: journal"));
  part.copies_known = false;
  CHECK(copies_evidence(part) == Evidence::none);
}

TEST_CASE("what nothing explains is written, read and summed: its copies are not known") {
  auto document = samples::nginx();
  FlowPart& part = document.ledger.flows->list[0].parts[0];
  CHECK(!contains(written(document), "unexplained"));
  part.copies_known = false;
  part.unexplained_bytes = 4711;
  part.unexplained_by = Unexplained::kernel_tls;
  const auto text = written(document);
  CHECK(contains(text, "kernel_tls"));
  const auto back = read_back(text).ledger.flows->list.at(0);
  CHECK(back.parts.at(0).unexplained_bytes == 4711);
  CHECK(back.parts.at(0).unexplained_by == Unexplained::kernel_tls);
  CHECK(total(back).unexplained_bytes == 4711);
  CHECK(total(back).unexplained_by == Unexplained::kernel_tls);
  CHECK(!copies_per_byte(total(back)));
  CHECK(uncopied_bytes(total(back)) == 0);
  CHECK(contains(complaint(text, "\"kernel_tls\"", "\"magic\""), "unexplained_by: must be one of: unseen"));
}

TEST_CASE("what was transformed is written, read and summed, apart from the copies") {
  const auto document = samples::kernel_tls();
  const auto text = written(document);
  CHECK(contains(text, R"("transform_bytes": 8389120)"));
  CHECK(contains(text, R"("by":"transform")"));
  const auto back = read_back(text);
  const auto sent = total(back.ledger.flows->list.at(0));
  CHECK(sent.transform_bytes == 8'389'120);
  CHECK(sent.transform_by == std::vector{Cipher::aes_gcm});
  CHECK(copies_per_byte(sent) == 0.0);
  CHECK(*transforms_per_byte(sent) == doctest::Approx(1.0).epsilon(0.001));
  CHECK(cpu_bytes(back.ledger, Side::sender) == 312);
  // Where none were seen there is no figure of them: what a program does in its own memory is not seen.
  CHECK(!contains(written(samples::nginx()), "transform"));
  CHECK(!transforms_per_byte(total(samples::nginx().ledger.flows->list.at(0))));
  auto both = back.ledger.flows->list.at(0);
  both.parts.push_back(both.parts[0]);
  both.parts[1].transform_by = {Cipher::aes_ccm, Cipher::aes_gcm};
  std::ranges::sort(both.parts[1].transform_by);
  CHECK(total(both).transform_bytes == 2 * sent.transform_bytes);
  CHECK(total(both).transform_by == std::vector{Cipher::aes_gcm, Cipher::aes_ccm});
  CHECK(contains(complaint(text, "\"aes_gcm\"", "\"magic\""), "must be one of: other"));
}

TEST_CASE("the threads of a flow are written, read and told together, each once") {
  auto document = samples::nginx();
  auto& flow = document.ledger.flows->list.at(0);
  flow.parts = {samples::part(FlowMethod::sendfile, FlowLink::call, 4096, 1, 0),
                samples::part(FlowMethod::read_write, FlowLink::buffer, 1024, 1, 2)};
  flow.parts[0].threads = {"network", "acceptor"};
  flow.parts[1].threads = {"logger", "network"};
  const auto parts = read_back(written(document)).ledger.flows->list.at(0).parts;
  CHECK(parts.at(0).threads == flow.parts[0].threads);
  CHECK(!parts[0].more_threads);
  CHECK(total(flow).threads == std::vector<std::string>{"network", "acceptor", "logger"});
  CHECK(!total(flow).more_threads);
  flow.parts[1].threads = {"1", "2", "3", "4", "5", "6", "7"};
  CHECK(total(flow).threads.size() == kThreads);
  CHECK(total(flow).more_threads);
  flow.parts[0].more_threads = true;
  CHECK(read_back(written(document)).ledger.flows->list.at(0).parts.at(0).more_threads);
}

TEST_CASE("what a JVM copied itself is written, read and none of the kernel's copies") {
  auto document = samples::cp();
  const auto copies = cpu_bytes(document.ledger, Side::sender);
  CHECK(!contains(written(document), "array_copies"));
  document.ledger.sender.array_copies = ArrayCopies{4096, 2, 1024, 1, Evidence::at_least};
  const auto again = read_back(written(document)).ledger;
  REQUIRE(again.sender.array_copies);
  CHECK(!again.receiver.array_copies);
  CHECK(again.sender.array_copies->bytes() == 5120);
  CHECK(again.sender.array_copies->out_of_calls == 1);
  CHECK(again.sender.array_copies->evidence == Evidence::at_least);
  CHECK(cpu_bytes(again, Side::sender) == copies);
}

TEST_CASE("a wrong member of a flow is named with its place") {
  const auto good = written(samples::nginx());
  const auto wrong = [&](const char* what, const char* with) { return complaint(good, what, with); };
  CHECK(contains(wrong("\"flows\": {", "\"flows\": 7, \"x\": {"), "ledger.flows: must be an object"));
  CHECK(contains(wrong("\"list\": [", "\"list\": 7, \"x\": ["), "ledger.flows.list: must be a list"));
  CHECK(contains(wrong("\"list\": [", "\"list\": [7,"), "ledger.flows.list[0]: must be an object"));
  CHECK(contains(wrong("\"kind\":\"file\"", "\"kind\":\"tape\""),
                 "ledger.flows.list[0].from.kind: must be one of: file"));
  CHECK(contains(wrong("\"inode\":4010", "\"inode\":-1"), "list[0].from.inode: must be a whole number"));
  CHECK(contains(wrong("\"name\":\"tcp", "\"nam\":\"tcp"), "list[0].to.name: is missing"));
  CHECK(contains(wrong("\"method\":\"sendfile\"", "\"method\":\"mixed\""),
                 "list[0].parts[0].method: must be one of: read_write"));
  CHECK(contains(wrong("\"link\":\"call\"", "\"link\":\"luck\""), "list[0].parts[0].link: must be one of: call"));
  CHECK(contains(wrong("\"calls\":120", "\"calls\":1.5"), "list[0].parts[0].calls: must be a whole number"));
  CHECK(contains(wrong("\"copies_known\":true", "\"copies_known\":1"), "copies_known: must be true or false"));
  CHECK(contains(wrong("\"sent_dma\": true", "\"sent_dma\": null"), "list[0].sent_dma: must be true or false"));
  CHECK(contains(wrong("\"merged\":", "\"mergd\":"), "ledger.flows.merged: is missing"));
  CHECK(contains(wrong("\"dropped\": {\"calls\"", "\"dropped\": {\"call\""), "ledger.flows.dropped.calls: is missing"));
  CHECK(contains(wrong("\"window\":\"first:10000\"", "\"window\":1"), "run.detail.window: must be a string"));
  CHECK(
      contains(wrong("\"omitted\":{\"events\":", "\"omitted\":{\"event\":"), "run.detail.omitted.events: is missing"));
}

TEST_CASE("what a program passed on are its linked flows") {
  const auto document = samples::nginx();
  const auto sum = passed_on(*document.ledger.flows);
  CHECK(sum.bytes == document.ledger.payload_bytes);
  CHECK(sum.method == FlowMethod::sendfile);
  // Part 9 and a MiB beside part 7 are copied twice, out of 192.5 MiB + 1.
  CHECK(*cpu_copies_per_byte(document.run, document.ledger, Side::sender) ==
        doctest::Approx(2 * (31.5 + 1) / (192.5 + 1)));
  CHECK(is_program(document.run));
  CHECK(!is_program(samples::splice().run));
  const auto none = samples::nothing_moved();
  CHECK(!cpu_copies_per_byte(none.run, none.ledger, Side::sender));
  const auto inferred = samples::program_inferred();
  CHECK(!cpu_copies_per_byte(inferred.run, inferred.ledger, Side::sender));
}

TEST_CASE("a flow's figures") {
  auto document = samples::nginx();
  const auto& list = document.ledger.flows->list;
  CHECK(copies_per_byte(total(list[0])) == 0.0);
  CHECK(copies_per_byte(total(list[1])) == 2.0);
  CHECK(mode_switches_per_mib(total(list[1])) == 2.0 * 9 * 112 / 31.5);
  CHECK(cache_reuse(list[0]) == 0.0);
  CHECK(cache_reuse(list[1]) == 1.0);
  CHECK(is_mixed(list[3]));
  CHECK(!cache_reuse(list.back()));
  document.run.evidence = {};
  CHECK(!copies_per_byte(document.run, total(list[1])));
  CHECK(!mode_switches_per_mib(document.run, total(list[1])));
  CHECK(!cache_reuse(document.run, list[0]));
  Flow ahead = list[0];
  ahead.parts[0].disk_bytes *= 2;
  CHECK(cache_reuse(ahead) == 0.0);
  CHECK(!copies_per_byte(FlowPart{}));
  CHECK(!mode_switches_per_mib(FlowPart{}));
}

TEST_CASE("flows that claim more than the ledger holds are found") {
  const auto complaints = [](const Document& document) {
    std::string all;
    for (const auto& problem : check(document))
      if (contains(problem, "flow") || contains(problem, "copied") || contains(problem, "left out"))
        all += problem + "\n";
    return all;
  };
  auto good = samples::nginx();
  CHECK(complaints(good) == "");
  auto document = good;
  document.ledger.flows->unattributed_bytes += 1;
  CHECK(contains(complaints(document), "bytes copied in flows and unattributed"));
  document.run.evidence.copies = Evidence::inferred;
  CHECK(complaints(document) == "");
  document = good;
  document.ledger.payload_bytes -= 1;
  CHECK(contains(complaints(document), "what the flows passed on"));
  document = good;
  document.ledger.flows->list[0].sent_linear_bytes = document.ledger.flows->list[0].sent_bytes + 1;
  CHECK(contains(complaints(document), "linear bytes"));
  document = good;
  document.ledger.flows->list[0].parts.clear();
  CHECK(contains(complaints(document), "has no part"));
  document = good;
  document.ledger.flows->list[0].parts[0].last_ns = 0;
  CHECK(contains(complaints(document), "first call"));
  document = good;
  document.run.detail->events += 1;
  CHECK(contains(complaints(document), "events left out"));
}

TEST_CASE("events left out on purpose are not missing") {
  auto document = samples::cp();
  const auto problems = [&](const char* what) {
    return std::ranges::count_if(check(document), [&](const std::string& problem) { return contains(problem, what); });
  };
  CHECK(problems("syscall events") == 1);
  document.run.detail = {"none", 14, {{"syscall", 14}}};
  CHECK(problems("syscall events") == 0);
  CHECK(problems("disk events") == 1);
}

}  // namespace timeline_flows_test
