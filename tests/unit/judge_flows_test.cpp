// Claims of programs, judged from the flows of their traces.
#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "model/claims/experiments.h"
#include "model/claims/judge.h"
#include "model/claims/quantities.h"
#include "model/claims/recordings.h"
#include "tests/unit/timeline_samples.h"

namespace judge_flows_test {

using namespace zctrace;
using namespace zctrace::claims;
using timeline::FlowEndKind;
using timeline::FlowMethod;

namespace {

timeline::Flow flow(timeline::FlowEnd from, timeline::FlowEnd to, FlowMethod method, uint64_t bytes, uint64_t copied) {
  timeline::FlowPart part;
  part.method = method;
  part.link = timeline::FlowLink::call;
  part.bytes = bytes;
  part.cpu_bytes = copied;
  return {std::move(from), std::move(to), {part}};
}

timeline::FlowEnd file(const char* name) { return {FlowEndKind::file, name}; }
timeline::FlowEnd socket() { return {FlowEndKind::socket, "tcp 127.0.0.1:80 - 127.0.0.1:4711"}; }

/// The trace of a program with these flows, and one of its own that is no file's.
Traced traced(std::vector<timeline::Flow> flows) {
  timeline::Document document = samples::sendfile(true);
  document.run.method = "exec";
  flows.push_back(flow({}, socket(), FlowMethod::write, 500, 500));
  document.ledger.flows.emplace();
  document.ledger.flows->list = std::move(flows);
  return {document.run, document.ledger};
}

Traced server(FlowMethod method, uint64_t copies) {
  return traced({flow(file("/srv/a.bin"), socket(), method, 4096, copies * 4096)});
}

Judged judged(const std::string& id, const Results& results) {
  const auto& all = claim_data().claims;
  return judge(*std::ranges::find(all, id, &Claim::id), results);
}

constexpr uint64_t kLog = 1 << 20;

/// A broker that served a topic's segment, or read it into its memory; it also read what is its own.
Traced broker(FlowMethod method) {
  const bool read = method == FlowMethod::read;
  std::vector<timeline::Flow> flows{
      flow(file("/data/a-0/00000000000000000000.log"), read ? timeline::FlowEnd{} : socket(), method, kLog,
           read ? kLog : 0),
      flow(file("/data/__cluster_metadata-0/00000000000000000000.log"), {}, FlowMethod::read, kLog, kLog)};
  if (read) flows.push_back(flow({}, socket(), FlowMethod::write, kLog, kLog));
  return traced(std::move(flows));
}

Results brokers(FlowMethod over_tls) {
  Results results;
  for (const char* name : {"kafka", "kafka_follow", "kafka_packed"}) results.add(name, broker(FlowMethod::sendfile));
  results.add("kafka_tls", broker(over_tls));
  return results;
}

}  // namespace

TEST_CASE("a broker's log is told apart from what it keeps for itself, and TLS from plain text") {
  auto results = brokers(FlowMethod::read);
  CHECK(judged("J6", results).verdict == Verdict::holds_if);
  CHECK(judged("J6", results).condition.english == "without TLS");
  CHECK(*measured(results, {"log_copies", "kafka_tls", {}}).number == doctest::Approx(2).epsilon(0.01));
  CHECK(judged("J6", brokers(FlowMethod::sendfile)).verdict == Verdict::holds);
  results.add("kafka", broker(FlowMethod::read));  // as if its listener had been switched to TLS
  CHECK(judged("J6", results).verdict == Verdict::does_not_hold);
}

TEST_CASE("RocketMQ's setting decides whether it writes from its heap or from its mapped log") {
  const auto by = [](FlowMethod method) {
    const bool mapped = method == FlowMethod::mmap_write;
    return traced({flow(mapped ? file("/store/commitlog/00000000000000000000") : timeline::FlowEnd{}, socket(), method,
                        kLog, kLog)});
  };
  Results results;
  results.add("rocketmq", by(FlowMethod::write));
  results.add("rocketmq_mapped", by(FlowMethod::mmap_write));
  CHECK(judged("J8", results).verdict == Verdict::holds_if);
  CHECK(judged("J8", results).condition.english == "with transferMsgByHeap=false");
  results.add("rocketmq", by(FlowMethod::mmap_write));
  CHECK(judged("J8", results).verdict == Verdict::holds);
  results.add("rocketmq", by(FlowMethod::write));
  results.add("rocketmq_mapped", by(FlowMethod::write));
  CHECK(judged("J8", results).verdict == Verdict::does_not_hold);
}

TEST_CASE("a file that is read into memory to be sent from there is not sent by sendfile") {
  Results results;
  results.add("pulsar_package", traced({flow(file("/packages/v1/data"), {}, FlowMethod::read, kLog, kLog),
                                        flow({}, socket(), FlowMethod::write, kLog, kLog)}));
  CHECK(judged("J7", results).verdict == Verdict::does_not_hold);
  CHECK(*measured(results, {"answered_copies", "pulsar_package", {}}).number == doctest::Approx(2).epsilon(0.01));
  results.add("pulsar_package", traced({flow(file("/packages/v1/data"), socket(), FlowMethod::sendfile, kLog, 0)}));
  CHECK(judged("J7", results).verdict == Verdict::holds);
}

TEST_CASE("what travels with zctrace judges every claim of a program, and says where it comes from") {
  const auto folder = std::filesystem::temp_directory_path() / ("zctrace-recordings-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  for (const auto& experiment : experiments())
    if (!experiment.given.empty()) {
      REQUIRE_MESSAGE(!recording_of(experiment.name).empty(), experiment.name);
      std::ofstream(folder / (std::string(experiment.name) + ".json")) << recording_of(experiment.name);
    }
  // One that was measured, on another kernel.
  std::ofstream(folder / "descriptors.json")
      << R"({"schema": "zctrace.experiment/1", "experiment": "descriptors", "kernel": {"release": "7.7.7", "where": "lab"}})";
  const Results results(folder);
  CHECK(results.kernel() == "7.7.7");
  for (const auto& claim : claim_data().claims) {
    const auto names = experiments_of(claim);
    if (!std::ranges::all_of(names, [](const auto& name) { return !find_experiment(name)->given.empty(); })) continue;
    const auto found = judge(claim, results);
    CHECK_MESSAGE(found.verdict != Verdict::not_tested, claim.id);
    CHECK_MESSAGE(found.why.english.find("Recorded on 20") != std::string::npos, claim.id);
  }
  // The broker's setting decides: what it did over TLS in the place of what it did in plain text.
  auto switched = results;
  switched.add("kafka", *results.traced("kafka_tls"));
  CHECK(judged("J6", switched).verdict == Verdict::does_not_hold);
  std::filesystem::remove_all(folder);
}

TEST_CASE("what a server's files were sent by is told from its flows, whatever else it wrote") {
  Results results;
  results.add("tomcat", server(FlowMethod::sendfile, 0));
  CHECK(judged("J5", results).verdict == Verdict::holds);
  CHECK(judged("J5", results).why.english.find("sendfile 4.00 KiB") != std::string::npos);
  results.add("tomcat", server(FlowMethod::read_write, 2));
  CHECK(judged("J5", results).verdict == Verdict::does_not_hold);
  results.add("tomcat", server(FlowMethod::sendfile, 1));  // the device layer gathers
  CHECK(judged("J5", results).verdict == Verdict::does_not_hold);
}

TEST_CASE("a default that is one thing as compiled and another as packaged is a condition") {
  Results results;
  results.add("nginx_packaged", server(FlowMethod::sendfile, 0));
  CHECK(judged("J9", results).verdict == Verdict::not_tested);
  results.add("nginx_default", server(FlowMethod::read_write, 2));
  CHECK(judged("J9", results).verdict == Verdict::holds_if);
  CHECK(judged("J9", results).condition.english == "as Debian configures it");
}

TEST_CASE("a table's flows are those of its file, read and written") {
  const auto table = [](FlowMethod method) {
    return traced({flow(file("/data/t.ibd"), {}, method, 16384, 0), flow({}, file("/data/t.ibd"), method, 16384, 0),
                   flow(file("/etc/my.cnf"), {}, FlowMethod::read, 1000, 1000)});
  };
  Results results;
  const timeline::Document direct = samples::direct_io();
  results.add("uring_direct", Traced{direct.run, direct.ledger});
  results.add("mariadb", table(FlowMethod::direct_io));
  CHECK(judged("J10", results).verdict == Verdict::holds);
  CHECK(judged("D2", results).verdict == Verdict::does_not_hold);  // the sample makes no asynchronous call
  results.add("mariadb", table(FlowMethod::write));
  CHECK(judged("J10", results).verdict == Verdict::does_not_hold);
}

TEST_CASE("without a flow, or with copies that were only inferred, nothing is known") {
  Results results;
  results.add("netty", traced({}));
  CHECK(judged("J4", results).verdict == Verdict::not_tested);
  auto inferred = server(FlowMethod::sendfile, 0);
  inferred.ledger.flows->list[0].parts[0].copies_known = false;
  results.add("netty", inferred);
  CHECK(judged("J4", results).verdict == Verdict::not_tested);
  CHECK(measured(results, {"sent_by", "netty", {{"call", "sendfile"}}}).number == 1);
}

}  // namespace judge_flows_test
