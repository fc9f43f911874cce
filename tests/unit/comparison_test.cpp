#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/golden.h"
#include "tests/unit/timeline_samples.h"
#include "tests/unit/well_formed.h"
#include "viz/diagram/comparison.h"

namespace comparison_test {

using namespace zctrace;
using namespace zctrace::timeline;
using diagram::Form;
using diagram::Options;
using timeline::Measured;

namespace {

Measured measured(const Document& document) { return {document.run, document.ledger}; }

std::vector<Measured> methods() {
  std::vector<Measured> all;
  for (const auto& document : {samples::read_write(), samples::mmap_write(), samples::sendfile(false),
                               samples::sendfile(true), samples::splice(), samples::direct_io()})
    all.push_back(measured(document));
  return all;
}

/// Without the colours, which are palette.h's.
std::string shapes(std::string svg) {
  const auto begin = svg.find("<style>"), end = svg.find("</style>");
  REQUIRE(end != std::string::npos);
  return svg.erase(begin, end - begin);
}

/// Compares with tests/golden/comparison_NAME.svg; ZCTRACE_UPDATE_GOLDEN=1 writes it instead.
void golden(const std::string& name, const std::string& svg) {
  CAPTURE(name);
  CHECK(shapes(svg) == shapes(approved("comparison_" + name + ".svg", svg)));
}

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

bool contains(const std::string& text, std::string_view part) { return count(text, part) > 0; }

}  // namespace

TEST_CASE("the comparison is as it was approved") {
  golden("methods", diagram::comparison(methods(), {}));
  std::vector<Measured> paths;
  for (const char* kind : {"file", "pipe"}) paths.push_back(measured(samples::into(samples::sendfile(true), kind)));
  golden("paths", diagram::comparison(paths, {}));
  const std::vector<Measured> doubtful{measured(samples::read_write()), measured(samples::inferred()),
                                       measured(samples::unseen())};
  golden("evidence", diagram::comparison(doubtful, {.language = Language::chinese, .form = Form::narrow}));
}

TEST_CASE("the comparison's title is what was found") {
  const auto title = [](const std::vector<Measured>& runs, Form form = Form::wide) {
    const auto svg = diagram::comparison(runs, {.form = form});
    const auto begin = svg.find("<title>") + 7;
    return svg.substr(begin, svg.find("</title>") - begin);
  };
  const auto copying = measured(samples::read_write()), unseen = measured(samples::unseen());
  const auto splice = measured(samples::splice());
  CHECK(title(methods()) == "2.00 CPU copies per byte with read + write, 0.00 with splice");
  CHECK(title(methods(), Form::slide) == title(methods()));
  CHECK(title({copying, copying}) == "2.00 CPU copies per byte in all 2 runs");
  CHECK(title({copying, unseen}) == "2.00 CPU copies per byte wherever they are known");
  CHECK(title({copying, measured(samples::inferred())}) == "~2.00 CPU copies per byte in all 2 runs");
  CHECK(title({unseen, unseen}) == "2 runs side by side");
  CHECK(title({copying}) == "1 run");
  auto elsewhere = samples::splice();
  elsewhere.run.method = "read_write";
  elsewhere.run.kernel.release = "7.2.0";
  CHECK(title({copying, measured(elsewhere)}).ends_with(", 0.00 (Linux 7.2.0 in the lab)"));
  CHECK(title({measured(samples::sendfile(false)), measured(samples::sendfile(true))}) ==
        "1.00 CPU copies per byte with sendfile, scatter-gather off, 0.00 with sendfile, scatter-gather on");
  auto program = samples::splice();
  program.run.method = "exec";
  program.run.command = {"cat", "file"};
  CHECK(title({copying, measured(program), splice}) == "3 runs side by side");
}

TEST_CASE("what the documents claim stands beside what was measured") {
  auto runs = methods();
  const auto svg = diagram::comparison(runs, {});
  CHECK(contains(svg, ">textbooks: 4<"));                     // mmap + write: two switches per chunk were measured
  CHECK(contains(svg, ">textbooks: 2<"));                     // splice: four
  CHECK(contains(svg, ">textbooks: 0 (on the read side)<"));  // direct I/O copies into the socket
  CHECK(!contains(svg, ">textbooks: 1<"));
  runs = {measured(samples::read_write())};
  const auto agreed = diagram::comparison(runs, {});
  CHECK(!contains(agreed, ">textbooks: 2<"));
  CHECK(!contains(agreed, ">textbooks: 4<"));
}

TEST_CASE("unknown is a field that says so, not an empty bar") {
  auto unseen = samples::unseen();
  unseen.ledger.sender.cpu_ns = 1;
  const auto svg = diagram::comparison(std::vector{measured(unseen)}, {});
  CHECK(count(svg, ">unknown<") == 2);  // the copies, and whether pages were passed by reference
  CHECK(contains(svg, ">?<"));
  CHECK(!contains(svg, ">0.00<"));
  auto none = samples::read_write();
  none.run.evidence = {};
  none.run.duration_ns = 0;
  CHECK(count(diagram::comparison(std::vector{measured(none)}, {}), ">unknown<") ==
        6);  // in the lab no times are compared
}

TEST_CASE("a bar that is longer than the axis is broken off, wherever its parts end") {
  const auto breaks = [](const Document& document) {
    const auto svg = diagram::comparison(std::vector{measured(samples::read_write()), measured(document)}, {});
    return count(svg, "class=\"paper-line\"");
  };
  CHECK(breaks(samples::splice()) == 0);
  CHECK(breaks(samples::tee()) == 2);  // references: 1, 1 and 2 per byte; DMA: 1 and 2
}

TEST_CASE("inferred bars are hollow and marked") {
  const auto svg = diagram::comparison(std::vector{measured(samples::inferred())}, {});
  CHECK(contains(svg, ">~2.00<"));
  CHECK(!contains(svg, "<rect class=\"cpu\" x=\"312\""));
  CHECK(contains(svg, "paper cpu-line"));
}

TEST_CASE("nothing in a document becomes markup or breaks the comparison") {
  std::vector<Measured> runs;
  for (const std::string& text :
       {std::string("</script><script>alert(1)</script>\"'&"), std::string("\x1b[31m\0\xff", 7), std::string(5000, 'x'),
        std::string(), std::string("零拷贝")}) {
    auto document = samples::sendfile(false);
    document.run.method = "exec";
    document.run.command = {text};
    document.run.kernel.release = document.run.path.device = document.run.source.filesystem = text;
    document.ledger.sender.syscalls = {{text, UINT64_MAX}};
    document.ledger.sender.mode_switches.syscall = document.ledger.sender.voluntary_switches = UINT64_MAX;
    document.ledger.sender.cpu_ns = document.run.duration_ns = text.empty() ? 0 : UINT64_MAX;
    document.ledger.payload_bytes = text.empty() ? 0 : 1;
    for (auto& copy : document.ledger.copies) {
      copy.function = copy.via = text;
      copy.bytes = copy.calls = UINT64_MAX;
    }
    runs.push_back(measured(document));
  }
  for (const auto form : {Form::wide, Form::narrow, Form::slide}) {
    const auto svg = diagram::comparison(runs, {.form = form});
    CHECK(well_formed(svg));
    CHECK(!contains(svg, "<script"));
    CHECK(!contains(svg, "nan"));
    CHECK(!contains(svg, "inf"));
    CHECK(svg.size() < 300'000);
  }
  CHECK(well_formed(diagram::comparison({}, {})));
}

TEST_CASE("a slide compares eight runs, and says how many are left out") {
  auto runs = methods();
  golden("slide", diagram::comparison(runs, {.theme = diagram::Theme::light, .form = Form::slide}));
  for (int i = 0; i < 4; ++i) runs.push_back(measured(samples::inferred()));
  const auto svg = diagram::comparison(runs, {.form = Form::slide});
  CHECK(well_formed(svg));
  CHECK(contains(svg, ">and 2 more<"));
}

TEST_CASE("two dozen runs stay small") {
  std::vector<Measured> runs;
  for (int i = 0; i < 4; ++i)
    for (auto run : methods()) {
      run.run.kernel.release = std::to_string(i) + ".10";
      run.ledger.sender.cpu_ns = 5'000'000;
      runs.push_back(run);
    }
  for (const auto form : {Form::wide, Form::narrow}) CHECK(diagram::comparison(runs, {.form = form}).size() < 300'000);
}

}  // namespace comparison_test
