#include <doctest/doctest.h>

#include <fmt/format.h>

#include <sstream>

#include "base/error.h"
#include "tests/unit/program_samples.h"
#include "userspace/export/prometheus/metrics.h"
#include "userspace/export/prometheus/prometheus.h"

namespace live_metrics_test {

using namespace zctrace;
using namespace zctrace::exports;
using namespace zctrace::samples;
using timeline::Flows;

namespace {

constexpr uint64_t kKiB = 1024;
const timeline::TraceFacts kFacts{{"6.12.107", "host", "x86_64"}, all(Evidence::exact)};

Flow sent(const std::string& path, const std::string& socket_name, uint64_t number, uint64_t bytes) {
  return {file(path, number),
          socket(socket_name, number + 1000),
          {part(FlowMethod::sendfile, FlowLink::call, bytes, 2, 0)},
          bytes,
          0,
          false};
}

/// The value of "NAME{LABELS}" in the text; "" where there is no such line.
std::string value(const std::string& text, const std::string& series) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(series + " ")) return line.substr(series.size() + 1);
  return "";
}

std::string after(Metrics& metrics, const Flows& flows, const timeline::TraceFacts& facts = kFacts) {
  return exports::text_of(metrics.take(flows, facts));
}

}  // namespace

TEST_CASE("the sums of a flow, as Prometheus reads them") {
  Flows flows;
  auto mixed = part(FlowMethod::read_write, FlowLink::buffer, 100, 4, 2);
  mixed.disk_bytes = 4096;
  mixed.transform_bytes = 101;
  flows.list = {sent("/www/a", "tcp 10.0.0.1:80 - 10.0.0.2:47111", 1, 9'007'199'254'740'991)};
  flows.list[0].parts.push_back(mixed);
  flows.unattributed_bytes = 7;
  flows.dropped_calls = 3;
  Metrics metrics;
  const auto text = after(metrics, flows);
  const std::string ends = R"({from="/www/a",to="tcp 10.0.0.1:80 - 10.0.0.2")",
                    sendfile = ends + R"(,method="sendfile"})", read_write = ends + R"(,method="read_write"})";
  CHECK(value(text, R"(zctrace_info{kernel="6.12.107",where="host",evidence="exact"})") == "1");
  CHECK(value(text, "zctrace_flow_bytes_total" + sendfile) == "9007199254740991");
  CHECK(value(text, "zctrace_flow_cpu_copied_bytes_total" + sendfile) == "0");
  CHECK(value(text, "zctrace_flow_bytes_total" + read_write) == "100");
  CHECK(value(text, "zctrace_flow_cpu_copied_bytes_total" + read_write) == "200");
  CHECK(value(text, "zctrace_flow_mode_switches_total" + read_write) == "8");
  CHECK(value(text, "zctrace_flow_calls_total" + read_write) == "4");
  CHECK(value(text, "zctrace_flow_disk_bytes_total" + read_write) == "4096");
  CHECK(value(text, "zctrace_flow_transformed_bytes_total" + read_write) == "101");
  CHECK(value(text, "zctrace_flow_transformed_bytes_total" + sendfile).empty());
  CHECK(value(text, "zctrace_flow_sent_bytes_total" + ends + "}") == "9007199254740991");
  CHECK(value(text, "zctrace_unattributed_copied_bytes_total") == "7");
  CHECK(value(text, "zctrace_dropped_calls_total") == "3");
  CHECK(text.find("# TYPE zctrace_flow_bytes_total counter\n") != text.npos);
}

TEST_CASE("what is not known has no series") {
  Flows flows;
  flows.list = {sent("/a", "tcp a", 1, 100)};
  flows.list[0].parts[0].copies_known = false;
  flows.list[0].sent_bytes = 0;
  Metrics metrics;
  const auto text = after(metrics, flows, {kFacts.kernel, all(Evidence::inferred)});
  CHECK(text.find("zctrace_flow_bytes_total{") != text.npos);
  CHECK(text.find("zctrace_flow_cpu_copied_bytes_total") == text.npos);
  CHECK(text.find("zctrace_flow_sent_bytes_total") == text.npos);
  CHECK(text.find("zctrace_unattributed_copied_bytes_total") == text.npos);

  Metrics blind;
  flows.list[0].parts[0].copies_known = true;
  flows.unattributed_bytes = 7;
  CHECK(after(blind, flows, {kFacts.kernel, all(Evidence::none)}).find("copied") == std::string::npos);
}

TEST_CASE("of a lower bound there is a series that says so") {
  Flows flows;
  flows.list = {sent("/a", "tcp a", 1, 100)};
  Metrics metrics;
  CHECK(after(metrics, flows).find("zctrace_flow_copies_at_least") == std::string::npos);
  flows.list[0].parts[0].at_least_by = timeline::Uncounted::terminal;
  CHECK(value(after(metrics, flows), R"(zctrace_flow_copies_at_least{from="/a",to="tcp a",method="sendfile"})") == "1");
}

TEST_CASE("a server's clients are one series, its files are not") {
  const auto named = [](const char* name) { return label_of(socket(name, 1)); };
  CHECK(named("tcp 10.0.0.1:80 - 10.0.0.2:47111") == "tcp 10.0.0.1:80 - 10.0.0.2");
  CHECK(named("tcp 10.0.0.2:47111 - 10.0.0.1:80") == "tcp 10.0.0.2 - 10.0.0.1:80");
  CHECK(named("tcp [::1]:443 - [fe80::1]:60999") == "tcp [::1]:443 - [fe80::1]");
  CHECK(named("unix /run/x.sock") == "unix /run/x.sock");
  CHECK(named("") == "socket");
  CHECK(label_of({FlowEndKind::pipe, "pipe:[4711]", 1, 2}) == "pipe");
  CHECK(label_of(memory()) == "memory");
  CHECK(label_of(file("/a:50000", 1)) == "/a:50000");

  Flows flows;
  for (uint64_t client = 0; client < 1000; ++client)
    flows.list.push_back(sent("/a", fmt::format("tcp 10.0.0.1:80 - 10.0.0.2:{}", 40000 + client), client, kKiB));
  Metrics metrics;
  const auto text = after(metrics, flows);
  CHECK(value(text, R"(zctrace_flow_bytes_total{from="/a",to="tcp 10.0.0.1:80 - 10.0.0.2",method="sendfile"})") ==
        "1024000");
}

TEST_CASE("series are bounded, and what has one keeps it") {
  Metrics metrics(2);
  Flows flows;
  flows.list = {sent("/a", "tcp a", 1, 300), sent("/b", "tcp b", 2, 200), sent("/c", "tcp c", 3, 100),
                sent("/d", "tcp d", 4, 10)};
  auto text = after(metrics, flows);
  const auto of = [&](const char* from, const char* to) {
    return value(text, fmt::format(R"(zctrace_flow_bytes_total{{from="{}",to="{}",method="sendfile"}})", from, to));
  };
  CHECK(of("/a", "tcp a") == "300");
  CHECK(of("/b", "tcp b") == "200");
  CHECK(of("other", "other") == "110");

  // The biggest is now another one.
  flows.list = {sent("/c", "tcp c", 3, 900), sent("/a", "tcp a", 1, 400), sent("/b", "tcp b", 2, 200),
                sent("/d", "tcp d", 4, 20)};
  text = after(metrics, flows);
  CHECK(of("/a", "tcp a") == "400");
  CHECK(of("/b", "tcp b") == "200");
  CHECK(of("/c", "tcp c") == "");
  CHECK(of("other", "other") == "920");
}

TEST_CASE("no counter goes down, and no byte is counted twice, where flows were folded") {
  Metrics metrics;
  Flows flows;
  flows.list = {sent("/a", "tcp a", 1, 300), sent("/b", "tcp b", 2, 200)};
  after(metrics, flows);
  flows.list = {{{FlowEndKind::file, "", 0, 0},
                 {FlowEndKind::socket, "", 0, 0},
                 {part(FlowMethod::sendfile, FlowLink::call, 510, 4, 0)},
                 510,
                 0,
                 false}};
  flows.merged = 2;
  const auto text = after(metrics, flows);
  CHECK(value(text, R"(zctrace_flow_bytes_total{from="/a",to="tcp a",method="sendfile"})") == "300");
  CHECK(value(text, R"(zctrace_flow_bytes_total{from="/b",to="tcp b",method="sendfile"})") == "200");
  CHECK(value(text, R"(zctrace_flow_bytes_total{from="file",to="socket",method="sendfile"})") == "10");
  CHECK(value(text, R"(zctrace_flow_sent_bytes_total{from="file",to="socket"})") == "10");
}

TEST_CASE("a file's name can be any bytes, and stays one label") {
  Metrics metrics;
  Flows flows;
  flows.list = {sent("/a\"b\\c\nd\xff", "tcp a", 1, 300)};
  CHECK(value(after(metrics, flows), R"(zctrace_flow_bytes_total{from="/a\"b\\c?d?",to="tcp a",method="sendfile"})") ==
        "300");
}

TEST_CASE("--prometheus: a port, an address with a port, or a file") {
  CHECK(parse_prometheus("9435").address == "127.0.0.1");
  CHECK(parse_prometheus("9435").port == 9435);
  CHECK(parse_prometheus("0.0.0.0:80").address == "0.0.0.0");
  CHECK(parse_prometheus("[::1]:80").address == "[::1]");
  CHECK(parse_prometheus("localhost:80").address == "127.0.0.1");
  CHECK(parse_prometheus("zctrace.prom").file == "zctrace.prom");
  CHECK(parse_prometheus("/var/lib/a:80").file == "/var/lib/a:80");
  for (const char* wrong : {"", "70000", "1.2.3:80", "host:80", ":80", "::1:80", "1.2.3.4:70000"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_prometheus(wrong), Error);
  }
}

TEST_CASE("two cannot listen on one port") {
  const exports::PrometheusServer first({"", "127.0.0.1", 0});
  const auto colon = first.url().rfind(':');
  const auto port = static_cast<uint16_t>(std::stoi(first.url().substr(colon + 1)));
  CHECK_THROWS_WITH_AS(exports::PrometheusServer({"", "127.0.0.1", port}), doctest::Contains("Address already in use"),
                       Error);
}

}  // namespace live_metrics_test
