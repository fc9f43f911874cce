// Claims of programs, judged from the flows of their traces.
#include <doctest/doctest.h>

#include <algorithm>

#include "model/claims/judge.h"
#include "model/claims/quantities.h"
#include "tests/unit/timeline_samples.h"

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

}  // namespace

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
