#include "model/why/why.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "tests/unit/program_samples.h"

namespace why_test {

using namespace zctrace;
using namespace zctrace::samples;
using why::Rule;

namespace {

std::string variants(const rules::Paragraph& paragraph, Language language) {
  std::string all;
  for (const auto& variant : paragraph) all += (all.empty() ? "" : " / ") + variant.text.in(language);
  return all;
}

std::string table(Language language) {
  const bool english = language == Language::english;
  std::string rows = english ? "| rule | where | why | to avoid it |\n|---|---|---|---|\n"
                             : "| 规则 | 为什么 | 怎样避免 |\n|---|---|---|\n";
  for (const Rule& rule : why::built_in())
    rows += fmt::format("| `{}` | {}{} | {} |\n", rule.id, english ? rule.evidence + " | " : "",
                        variants(rule.why, language), variants(rule.remedy, language));
  return rows;
}

/// The ids of what is told of the document's flow of that number.
std::vector<std::string> ids(const Document& document, size_t flow = 0) {
  std::vector<std::string> all;
  for (const auto& why : why::Explainer(document.run, document.ledger).of(document.ledger.flows->list.at(flow)))
    all.push_back(why.id);
  return all;
}

using Ids = std::vector<std::string>;

const FlowEnd kA = file("/srv/a", 1), kClient = socket("tcp 10.0.0.1:80 - 10.0.0.2:41001", 2);

Document of(Flow flow) {
  auto document = program({"program"});
  document.ledger.flows->list.push_back(std::move(flow));
  return document;
}

FlowPart refused(FlowMethod method, const std::string& error, std::vector<Fact> facts = {}) {
  FlowPart refused = part(method, FlowLink::call, 0, 1, 0);
  refused.refused = 1;
  refused.error = error;
  refused.facts = std::move(facts);
  return refused;
}

}  // namespace

TEST_CASE("docs/why.md has the rules as they are") {
  for (const auto& [language, name] : {std::pair{Language::english, "why.md"}, {Language::chinese, "zh/why.md"}}) {
    const auto path = std::filesystem::path(ZCTRACE_SOURCE_DIR) / "docs" / name;
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    std::string text = content.str();
    const auto rows = table(language);
    const auto at = text.find(rows.substr(0, rows.find('\n')));
    REQUIRE(at != text.npos);
    const auto end = text.find("\n\n", at);
    if (std::getenv("ZCTRACE_UPDATE_GOLDEN") != nullptr) {
      text = text.substr(0, at) + rows + (end == text.npos ? "" : text.substr(end + 1));
      std::ofstream(path) << text;
    }
    CHECK(text.find(rows) == at);
  }
}

TEST_CASE("rules of why speak of values that there are") {
  const auto known = why::value_names();
  std::set<std::string> ids;
  for (const Rule& rule : why::built_in()) {
    INFO(rule.id);
    CHECK(ids.insert(rule.id).second);
    CHECK_FALSE(rule.evidence.empty());
    CHECK_FALSE(rule.when.empty());
    std::set<std::string> names;
    for (const auto& condition : rule.when) names.merge(rules::names(condition));
    for (const auto* paragraph : {&rule.why, &rule.remedy}) {
      names.merge(rules::names(*paragraph));
      for (const auto& variant : *paragraph) CHECK_FALSE(variant.text.chinese.empty());
    }
    for (const auto& name : names) CHECK_MESSAGE(std::ranges::find(known, name) != known.end(), name);
  }
}

TEST_CASE("what is not copied has no reason, and a few bytes neither") {
  CHECK(ids(of({kA, kClient, {part(FlowMethod::sendfile, FlowLink::call, kMiB, 16, 0)}})).empty());
  CHECK(ids(of({kA, kClient, {part(FlowMethod::read_write, FlowLink::buffer, 312, 2, 2)}})).empty());
}

TEST_CASE("what is made up and written has no reason") {
  CHECK(ids(of({memory(), kClient, {part(FlowMethod::write, FlowLink::none, kMiB, 16, 1)}})).empty());
}

TEST_CASE("where copies are not known no reason is told for them") {
  auto flow = part(FlowMethod::read_write, FlowLink::buffer, kMiB, 16, 2);
  flow.copies_known = false;
  CHECK(ids(of({kA, kClient, {flow}})).empty());
  auto document = of({kA, kClient, {part(FlowMethod::read_write, FlowLink::buffer, kMiB, 16, 2)}});
  CHECK(ids(document) == Ids{"buffer_to_socket"});
  document.run.evidence.copies = Evidence::none;
  CHECK(ids(document).empty());
}

TEST_CASE("a refusal tells why the same bytes were copied, once") {
  const auto copied = part(FlowMethod::read_write, FlowLink::buffer, kMiB, 16, 2);
  FlowEnd here = file("/srv/b", 3), there = here;
  here.filesystem = "ext4";
  there.device = 7;
  there.filesystem = "tmpfs";
  const auto document = of({here, there, {copied, refused(FlowMethod::copy_file_range, "EXDEV")}});
  const auto all = why::Explainer(document.run, document.ledger).of(document.ledger.flows->list[0]);
  REQUIRE(all.size() == 1);
  CHECK(all[0].sentence.english ==
        "copy_file_range was refused with EXDEV: the two files are on different file systems (ext4, tmpfs).");
  CHECK(all[0].sentence.chinese == "copy_file_range 被拒绝（EXDEV）：两个文件在不同的文件系统上（ext4、tmpfs）。");
  CHECK_FALSE(all[0].remedy.empty());
}

TEST_CASE("the same error has another reason at other ends") {
  const FlowEnd pipe{FlowEndKind::pipe, "pipe:[1]", 9, 1}, device{FlowEndKind::device, "/dev/zero", 5, 4};
  CHECK(ids(of({pipe, kA, {refused(FlowMethod::splice, "EINVAL", {Fact::appended})}})) == Ids{"append_refused"});
  CHECK(ids(of({kA, kClient, {refused(FlowMethod::splice, "EINVAL")}})) == Ids{"no_pipe_refused"});
  CHECK(ids(of({device, pipe, {refused(FlowMethod::splice, "EINVAL")}})) == Ids{"end_refused"});
  CHECK(ids(of({pipe, kA, {refused(FlowMethod::splice, "EINVAL")}})) == Ids{"refused"});
}

TEST_CASE("MSG_ZEROCOPY is told by where the packets went") {
  auto sent = part(FlowMethod::msg_zerocopy, FlowLink::none, kMiB, 16, 1);
  sent.reference_bytes = sent.buffer_bytes = sent.bytes;
  Flow flow{memory(), kClient, {sent}};
  CHECK(ids(of(flow)) == Ids{"zerocopy_virtual"});
  flow.sent_dma = true;
  CHECK(ids(of(flow)).empty());
  flow.parts[0].facts = {Fact::no_scatter_gather};
  CHECK(ids(of(flow)) == Ids{"no_scatter_gather"});
  flow.sent_dma = false;
  flow.parts[0].facts = {Fact::loopback};
  CHECK(ids(of(flow)) == Ids{"zerocopy_loopback"});
}

namespace {

/// A file that one process reads whole, and a socket that one writes as many bytes to: flows 0 and 1.
Document in_and_out(const std::optional<Process>& reader, const std::optional<Process>& writer) {
  auto document = program({"program"});
  auto read = part(FlowMethod::read, FlowLink::none, kMiB, 16, 1), written = read;
  written.method = FlowMethod::write;
  read.threads = written.threads = {"worker"};
  document.ledger.flows->list = {{kA, memory(), {read}}, {memory(), kClient, {written}}};
  set_process(document.ledger.flows->list[0], reader);
  set_process(document.ledger.flows->list[1], writer);
  return document;
}

const Process kRsync{"rsync", 4711}, kOtherRsync{"rsync", 4712};

}  // namespace

TEST_CASE("as many bytes out as in are told together where one process moved them") {
  auto document = in_and_out(kRsync, kRsync);
  auto &from = document.ledger.flows->list[0].parts[0], &to = document.ledger.flows->list[1].parts[0];
  CHECK(ids(document, 0) == Ids{"own_memory_read"});
  CHECK(ids(document, 1) == Ids{"own_memory_written"});
  from.threads = {"reader"};  // in a thread of its own, into the memory that both have
  CHECK(ids(document, 0) == Ids{"own_memory_read"});
  CHECK(ids(document, 1) == Ids{"own_memory_written"});
  to.tls_bytes = to.bytes;
  CHECK(ids(document, 0) == Ids{"read_for_tls"});
  CHECK(ids(document, 1) == Ids{"own_tls"});
}

TEST_CASE("as many bytes of two processes are no reason, whatever their threads are called") {
  const std::optional<Process> none, several = Process{"rsync", 0, 3};
  for (const auto& [reader, writer] : {std::pair(std::optional(kRsync), std::optional(kOtherRsync)),
                                       {kRsync, Process{"gzip", kRsync.pid}},  // it ran another program since
                                       {kRsync, none},
                                       {none, none},
                                       {several, several}}) {
    auto document = in_and_out(reader, writer);
    CHECK(ids(document, 0).empty());
    CHECK(ids(document, 1).empty());
    auto& written = document.ledger.flows->list[1].parts[0];
    written.tls_bytes = written.bytes;
    CHECK(ids(document, 0).empty());
    CHECK(ids(document, 1) == Ids{"own_tls"});
  }
}

TEST_CASE("the process's own is found among many that moved as much") {
  auto document = in_and_out(kRsync, kRsync);
  for (uint32_t pid = 1; pid <= 9000; pid += 100) {
    auto other = in_and_out(Process{"rsync", pid}, Process{"rsync", pid});
    for (Flow& flow : other.ledger.flows->list) document.ledger.flows->list.push_back(flow);
  }
  CHECK(ids(document, 0) == Ids{"own_memory_read"});
  CHECK(ids(document, 1) == Ids{"own_memory_written"});
}

TEST_CASE("what was written before anything was read is not what was read") {
  auto document = in_and_out(kRsync, kRsync);
  auto& read = document.ledger.flows->list[0].parts[0];
  read.first_ns = document.ledger.flows->list[1].parts[0].last_ns + 1;
  read.last_ns = read.first_ns;
  CHECK(ids(document, 0).empty());
  CHECK(ids(document, 1).empty());
}

TEST_CASE("a flow of two methods has a reason for each") {
  const auto document = of({kA,
                            kClient,
                            {part(FlowMethod::mmap_write, FlowLink::mapping, 4 * kMiB, 16, 1),
                             part(FlowMethod::read_write, FlowLink::buffer, 3 * kMiB, 16, 2),
                             part(FlowMethod::sendfile, FlowLink::call, kMiB, 16, 0)}});
  CHECK(ids(document) == Ids{"buffer_to_socket", "mapping_to_socket"});
  CHECK(why::why_of(document.run, document.ledger, document.ledger.flows->list[0])->id == "buffer_to_socket");
}

TEST_CASE("a JVM's arrays are told of where its probes tell more than all other flows can have had") {
  const auto read = part(FlowMethod::read, FlowLink::none, 8 * kMiB, 128, 1),
             passed = part(FlowMethod::read_write, FlowLink::buffer, 8 * kMiB, 128, 2);
  auto document = of({kA, memory(), {read}});
  document.ledger.sender.array_copies = ArrayCopies{8 * kMiB, 128, 0, 0, Evidence::exact};
  CHECK(ids(document) == Ids{"jvm_arrays_read"});
  auto other = part(FlowMethod::read_write, FlowLink::buffer, kMiB / 4, 4, 2);
  document.ledger.flows->list.push_back({file("/srv/b", 3), kClient, {other}});
  CHECK(ids(document, 0) == Ids{"jvm_arrays_read"});
  CHECK(ids(document, 1) == Ids{"buffer_to_socket"});
  document.ledger.flows->list[1].parts[0] = passed;  // it may have been either of the two
  CHECK(ids(document, 0).empty());
  CHECK(ids(document, 1) == Ids{"buffer_to_socket"});

  document = of({kA, file("/srv/b", 3), {passed}});
  CHECK(ids(document) == Ids{"buffer_to_file"});
  document.ledger.sender.array_copies = ArrayCopies{8 * kMiB, 128, 8 * kMiB, 128, Evidence::exact};
  CHECK(ids(document) == Ids{"jvm_arrays_passed"});
  auto written = read;
  written.method = FlowMethod::write;
  document.ledger.flows->list.push_back({memory(), kClient, {written}});
  CHECK(ids(document, 0) == Ids{"buffer_to_file"});
  CHECK(ids(document, 1).empty());
}

}  // namespace why_test
