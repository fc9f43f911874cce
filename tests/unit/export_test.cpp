#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/timeline_samples.h"
#include "userspace/export/exporter.h"

namespace export_test {

using namespace zctrace;
using namespace zctrace::samples;

namespace {

/// What the runs become in that format.
std::string exported(const char* format, std::vector<Document> documents) {
  std::string bytes;
  const auto exporter = exports::format_named(format)->make([&](std::string_view more) { bytes += more; });
  for (auto& document : documents) exporter->add(document, "run.json");
  exporter->finish();
  return bytes;
}

/// Of a run that was not sampled there is nothing: cpu_cost_test.
bool needs_samples(const exports::Format& format) { return format.name == std::string_view("folded"); }

Event event(EventKind kind, uint64_t t, uint64_t duration = 0) {
  Event made;
  made.kind = kind;
  made.t_ns = t;
  made.dur_ns = duration;
  made.task = 7;
  return made;
}

/// Events of a kind in Chrome's form.
std::vector<nlohmann::json> found(const std::string& trace, const char* category) {
  std::vector<nlohmann::json> all;
  const auto whole = nlohmann::json::parse(trace);
  for (const auto& each : whole.at("traceEvents"))
    if (each.value("cat", "") == category) all.push_back(each);
  return all;
}

}  // namespace

TEST_CASE("A format is found by its name and by a file's ending") {
  CHECK(exports::format_of("a.pftrace") == exports::format_named("perfetto"));
  CHECK(exports::format_of("a.perfetto-trace") == exports::format_named("perfetto"));
  CHECK(exports::format_of("a.trace.json") == exports::format_named("chrome"));
  CHECK(exports::format_of("a.b.csv") == exports::format_named("csv"));
  for (const char* other : {"", "a", "a.json", "csv", "trace.json.gz"}) CHECK(exports::format_of(other) == nullptr);
  CHECK(exports::format_named("svg") == nullptr);
}

TEST_CASE("Runs of every kind can be exported, also without an event, a name or a figure") {
  for (const auto& format : exports::formats()) {
    if (format.name == std::string_view("folded"))
      continue;  // of samples, without which there is nothing: cpu_cost_test
    CAPTURE(format.name);
    CHECK_FALSE(exported(format.name, {read_write(), sendfile(false), inferred(), unseen(), Document{}}).empty());
    exported(format.name, {});
  }
  CHECK(nlohmann::json::parse(exported("chrome", {})).at("traceEvents").empty());
}

TEST_CASE("A copy lies in its call, to the nanosecond, and the call points to it") {
  auto document = read_write();
  document.names = {"", "read", "_copy_to_iter"};
  auto call = event(EventKind::syscall, 1'234'567, 1001);
  call.name = 1;
  call.folded[0] = {2, End::page_cache, End::user_buffer, Mover::cpu, {}, 16, 5000, 65536};  // later than the call
  document.events = {call};
  const auto trace = exported("chrome", {document});
  CHECK(trace.find(R"("ts":1234.567,"dur":1.001,"cat":"syscall")") != trace.npos);
  CHECK(trace.find(R"("ts":1235.567,"dur":0.000,"cat":"copy")") != trace.npos);
  const auto calls = found(trace, "syscall"), copies = found(trace, "copy");
  REQUIRE(calls.size() == 1);
  REQUIRE(copies.size() == 1);
  CHECK(calls[0].at("flow_out") == true);
  CHECK(copies[0].at("flow_in") == true);
  CHECK(calls[0].at("bind_id") == copies[0].at("bind_id"));
  CHECK(copies[0].at("args").at("bytes") == 65536);
  CHECK(copies[0].at("args").at("function") == "_copy_to_iter");
}

TEST_CASE("Events out of order are brought into it") {
  auto document = read_write();
  document.names = {"", "read"};
  document.events = {event(EventKind::syscall, 5000, 100), event(EventKind::syscall, 10, 100)};
  const auto calls = found(exported("chrome", {document}), "syscall");
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].at("ts") == 0.01);
  CHECK(calls[1].at("ts") == 5.0);
}

TEST_CASE("Requests under way at once have tracks of their own, used again when free") {
  auto document = read_write();
  document.names = {"", "read"};
  document.events = {event(EventKind::disk, 0, 100), event(EventKind::disk, 50, 100), event(EventKind::disk, 100, 10),
                     event(EventKind::disk, 120, 10)};
  std::set<int> tracks;
  const auto requests = found(exported("chrome", {document}), "disk");
  for (const auto& each : requests) tracks.insert(each.at("tid").get<int>());
  CHECK(requests.size() == 4);
  CHECK(tracks.size() == 2);
}

TEST_CASE("Numbers at the edge of what fits break nothing") {
  auto document = read_write();
  document.names = {"", "read"};
  for (const uint64_t t : {uint64_t{0}, UINT64_MAX / 2, UINT64_MAX}) {
    for (int kind = 0; kind <= static_cast<int>(EventKind::mark); ++kind) {
      auto extreme = event(static_cast<EventKind>(kind), t, UINT64_MAX);
      extreme.task = extreme.count = UINT32_MAX;
      extreme.cpu = UINT16_MAX;
      extreme.bytes = extreme.bytes2 = UINT64_MAX;
      extreme.result = INT64_MIN;
      extreme.folded[1] = {1, End::file, End::file, Mover::reference, {}, UINT32_MAX, UINT32_MAX, UINT64_MAX};
      document.events.push_back(extreme);
    }
  }
  for (const auto& format : exports::formats())
    if (!needs_samples(format)) CHECK_FALSE(exported(format.name, {document, document}).empty());
}

TEST_CASE("A cell of CSV is no formula, and is quoted where it must be") {
  auto document = read_write();
  document.run.method = "=HYPERLINK(\"x\",\"y\")";
  document.run.cache = "\x1b[31m";
  const auto table = exported("csv", {document});
  CHECK(table.find(R"~(,"'=HYPERLINK(""x"",""y"")",)~") != table.npos);
  CHECK(table.find(",?[31m,") != table.npos);
  CHECK(table.find("\r\n") != table.npos);
}

}  // namespace export_test
