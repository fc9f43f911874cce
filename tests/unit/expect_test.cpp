#include <doctest/doctest.h>

#include <string>

#include "base/error.h"
#include "model/expect/check.h"
#include "tests/unit/program_samples.h"

namespace zctrace::expect {
namespace {

using timeline::Evidence;
using timeline::FlowEnd;
using timeline::FlowLink;
using timeline::FlowMethod;

/// The line of the message that shows the place: blanks and carets.
std::string caret(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    CHECK(error.status == ExitStatus::usage);
    const std::string what = error.what();
    const std::string_view line = std::string_view(what).substr(what.rfind('\n') + 1);
    CHECK(what.find("\n    " + text + "\n") != what.npos);
    return std::string(line.substr(4));
  }
  return "no error";
}

std::string message(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    const std::string what = error.what();
    return what.substr(0, what.find('\n'));
  }
  return "no error";
}

const FlowEnd kPage = samples::file("/srv/www/a page.html", 11);
const FlowEnd kImage = samples::file("/srv/www/image.bin", 12);
const FlowEnd kClient = samples::socket("tcp 10.0.0.1:80 - 10.0.0.2:4711", 13);
const FlowEnd kClient6 = samples::socket("tcp [::1]:8080 - [::1]:4712", 14);

timeline::Document server() {
  auto document = samples::program({"server"});
  auto& flows = document.ledger.flows->list;
  flows.push_back({kImage, kClient, {samples::part(FlowMethod::sendfile, FlowLink::call, 4 << 20, 64, 0)}});
  flows.push_back({kPage, kClient, {samples::part(FlowMethod::read_write, FlowLink::buffer, 10'000, 4, 2)}});
  flows.push_back({kPage, kClient6, {samples::part(FlowMethod::read_write, FlowLink::buffer, 9'000, 4, 2)}});
  return document;
}

Outcome judged(const timeline::Document& document, const std::string& text) {
  return check(parse(text), document, Language::english);
}

bool holds(const timeline::Document& document, const std::string& text) { return judged(document, text).holds; }

}  // namespace

TEST_CASE("expect: an error stands under its place") {
  CHECK(caret("copys <= 1") == "^^^^^");
  CHECK(caret("  copys <= 1") == "  ^^^^^");
  CHECK(caret("copies") == "      ^");
  CHECK(caret("copies = 1") == "       ^");
  CHECK(caret("copies <= ") == "          ^");
  CHECK(caret("copies <= x1") == "          ^^");
  CHECK(caret("copies <= 1MiB") == "          ^^^^");
  CHECK(caret("payload_bytes >= 1xb") == "                 ^^^");
  CHECK(caret("duration_ns < 3min") == "              ^^^^");
  CHECK(caret("method <= splice") == "       ^^");
  CHECK(caret("evidence == exactly") == "            ^^^^^^^");
  CHECK(caret("flow(a).copies <= 1") == "      ^");
  CHECK(caret("flow(a -> ).copies <= 1") == "          ^");
  CHECK(caret("flow(a -> b) copies <= 1") == "             ^");
  CHECK(caret("flow(a -> tcp:70000).copies <= 1") == "          ^^^^^^^^^");
  CHECK(caret("flow(\"a -> b).copies <= 1") == "     ^^^^^^^^^^^^^^^^^^^^");
  CHECK(caret("flow(零拷贝 -> b).copie <= 1") == "                  ^^^^^");  // two columns each
  CHECK(caret("") == "^");
  CHECK(message("flow(* -> *).method == sendfil") == "--expect: unknown method 'sendfil'; did you mean 'sendfile'?");
  CHECK(message("flow(* -> *).method == fax").find("known: read_write, mmap_write, sendfile") != std::string::npos);
}

TEST_CASE("expect: which flows are meant") {
  const auto document = server();
  const auto count = [&](const std::string& flow) { return judged(document, "flow(" + flow + ").count >= 0").found; };
  CHECK(count("* -> *") == "3");
  CHECK(count("*->*") == "3");
  CHECK(count("file -> tcp") == "3");
  CHECK(count("file -> udp") == "0");
  CHECK(count("* -> socket") == "3");
  CHECK(count("*.bin -> *") == "1");
  CHECK(count("image.bin -> *") == "1");
  CHECK(count("/srv/*/image.bin -> *") == "1");
  CHECK(count("srv/www/image.bin -> *") == "0");
  CHECK(count("\"a page.html\" -> *") == "2");
  CHECK(count("file:*.html -> tcp:8080") == "1");
  CHECK(count("* -> tcp:80") == "2");
  CHECK(count("* -> tcp:4711") == "2");
  CHECK(count("* -> tcp:8") == "0");
  CHECK(count("* -> socket:8080") == "1");
  CHECK(count("* -> tcp:10.0.0.1:80*") == "2");
  CHECK(count("memory -> *") == "0");
}

TEST_CASE("expect: every flow that is meant must be so, and the one that is not is named") {
  const auto document = server();
  CHECK(holds(document, "flow(*.bin -> tcp).method == sendfile"));
  CHECK(holds(document, "flow(*.bin -> tcp).copies <= 0.01"));
  CHECK(holds(document, "flow(*.html -> tcp).copies == 2"));
  CHECK(holds(document, "flow(*.bin -> tcp).bytes == 4MiB"));
  CHECK(holds(document, "flow(* -> *).link != none"));
  CHECK(judged(document, "flow(* -> *).bytes > 1KiB").found == "in all 3 flows");

  const Outcome broken = judged(document, "flow(* -> tcp).method == sendfile");
  CHECK(!broken.holds);
  CHECK(broken.found == "/srv/www/a page.html → tcp 10.0.0.1:80 - 10.0.0.2:4711: read_write (and 1 more of 3 flows)");
  CHECK(judged(document, "flow(*.pdf -> *).method == sendfile").found == "no flow is like that");
  CHECK(!holds(document, "flow(*.pdf -> *).method == sendfile"));
  CHECK(holds(document, "flow(*.pdf -> *).count == 0"));
  CHECK(!holds(samples::sendfile(true), "flow(* -> *).count == 0"));  // a run has none that could be counted
}

TEST_CASE("expect: of what several methods carried, each is meant") {
  auto document = samples::program({"server"});
  document.ledger.flows->list.push_back({kImage,
                                         kClient,
                                         {samples::part(FlowMethod::sendfile, FlowLink::call, 4 << 20, 64, 0),
                                          samples::part(FlowMethod::read_write, FlowLink::buffer, 100, 2, 2)}});
  const Outcome broken = judged(document, "flow(* -> *).method == sendfile");
  CHECK(!broken.holds);
  CHECK(broken.found.ends_with(": sendfile, read_write"));
}

TEST_CASE("expect: what is unknown never holds, and a lower bound only where all above it would") {
  auto document = server();
  auto& part = document.ledger.flows->list[0].parts[0];
  part.copies_known = false;
  CHECK(judged(document, "flow(*.bin -> *).copies <= 9").found.ends_with("unknown"));
  for (const char* relation : {"<=", "<", ">=", ">", "==", "!="})
    CHECK(!holds(document, "flow(*.bin -> *).copies " + std::string(relation) + " 0"));

  part.copies_known = true;
  part.at_least_by = timeline::Uncounted::journal;
  part.cpu_bytes = part.bytes;
  CHECK(holds(document, "flow(*.bin -> *).copies >= 1"));
  CHECK(holds(document, "flow(*.bin -> *).copies > 0.5"));
  CHECK(holds(document, "flow(*.bin -> *).copies != 0.5"));
  CHECK(!holds(document, "flow(*.bin -> *).copies <= 1"));
  CHECK(!holds(document, "flow(*.bin -> *).copies == 1"));
  CHECK(!holds(document, "flow(*.bin -> *).copies != 2"));
  CHECK(holds(document, "flow(*.bin -> *).evidence == at_least"));
}

TEST_CASE("expect: figures of a run") {
  const auto document = samples::sendfile(true);
  CHECK(holds(document, "method == sendfile"));
  CHECK(holds(document, "copies <= 0.01"));
  CHECK(holds(document, "receiver/copies == 1"));
  CHECK(holds(document, "evidence == exact"));
  CHECK(holds(document, "bytes == 4MiB"));
  CHECK(holds(document, "mode_switches > 0"));
  CHECK(!holds(document, "throughput > 100TiB/s"));
  CHECK(!holds(document, "cpu_cost/copy_share < 41%"));  // was not sampled
  CHECK(judged(document, "cpu_cost/copy_share < 41%").found == "unknown");
}

}  // namespace zctrace::expect
