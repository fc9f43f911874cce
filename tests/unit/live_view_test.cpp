#include <doctest/doctest.h>

#include <sstream>

#include "base/text.h"
#include "tests/unit/golden.h"
#include "tests/unit/program_samples.h"
#include "viz/terminal/top/screen.h"
#include "viz/terminal/top/view.h"

namespace live_view_test {

using namespace zctrace;
using namespace zctrace::samples;
using terminal::Key;
using terminal::Style;
using terminal::View;
using timeline::Flows;
using timeline::Rates;

namespace {

constexpr uint64_t kSecond = 1'000'000'000;

/// A server after `seconds`: sendfile and read + write, one that rests, and what is read and goes no further.
Flows server(uint64_t seconds) {
  Flows flows;
  const auto grown = [&](FlowMethod method, FlowLink link, unsigned mib, unsigned copies) {
    auto of = part(method, link, mib * kMiB * seconds, mib * 16 * seconds, copies);
    of.last_ns = seconds * kSecond;
    return of;
  };
  flows.list = {
      {file("/var/www/html/debian-12.iso", 1),
       socket("tcp 10.0.0.1:80 - 10.0.0.2:47111", 11),
       {grown(FlowMethod::sendfile, FlowLink::call, 512, 0), grown(FlowMethod::write, FlowLink::none, 1, 1)},
       0,
       0,
       true},
      {file("/var/www/html/index.html", 2),
       socket("tcp 10.0.0.1:80 - [2001:db8::4711]:60001", 12),
       {grown(FlowMethod::read_write, FlowLink::buffer, 64, 2)},
       0,
       0,
       true},
      {file("/etc/nginx/nginx.conf", 3), memory(), {part(FlowMethod::read, FlowLink::none, 2345, 3, 1)}, 0, 0, false},
      {{FlowEndKind::socket, "", 0, 0},
       {FlowEndKind::pipe, "pipe:[4711]", 0, 5},
       {grown(FlowMethod::splice, FlowLink::call, 3, 0)},
       0,
       0,
       false}};
  flows.list[3].parts[0].copies_known = false;
  flows.unattributed_bytes = 12345;
  flows.dropped_calls = 3;
  return flows;
}

struct Shown {
  Rates rates;
  Flows flows = server(3);
  View view;
  Shown() {
    view.program = "4711 nginx: worker process";
    view.facts.kernel = {"6.12.107+deb13-amd64", "host", "x86_64"};
    view.facts.evidence = samples::all(Evidence::exact);
    rates.take(server(0), 0);
    rates.take(server(2), 2 * kSecond);
    rates.take(flows, 3 * kSecond);
  }
  std::vector<std::string> screen(int width, int rows = 24, Language language = Language::english) {
    return terminal::screen_lines(rates, flows, view, style(width, language), rows);
  }
  static Style style(int width, Language language = Language::english) {
    Style style;
    style.width = width;
    style.language = language;
    return style;
  }
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

void golden(const std::string& name, const std::string& text) {
  CAPTURE(name);
  CHECK(text == approved("top_" + name + ".txt", text));
}

bool has(const std::vector<std::string>& lines, const std::string& text) {
  return joined(lines).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("top: the screen") {
  Shown shown;
  golden("wide", joined(shown.screen(79)));
  golden("narrow", joined(shown.screen(49)));
  golden("chinese", joined(shown.screen(79, 24, Language::chinese)));
  golden("summary", joined(terminal::summary_lines(shown.rates, shown.flows, shown.view, Shown::style(80))));
  golden("lines", terminal::batch_head() + "\n" + joined(terminal::batch_lines(shown.rates, shown.view)));
}

TEST_CASE("top: what is inferred or unknown is marked so, and never 0") {
  Shown shown;
  shown.view.facts.evidence.copies = Evidence::inferred;
  CHECK(has(shown.screen(79), "~2.00"));
  CHECK(has(terminal::batch_lines(shown.rates, shown.view), "~2.000"));
  shown.view.facts.evidence.copies = Evidence::none;
  for (const auto& line : shown.screen(79)) CHECK(line.find("2.00") == line.npos);
}

TEST_CASE("top: no line is wider than the terminal, no screen higher, whatever its size") {
  for (const auto language : kLanguages)
    for (int width : {20, 33, 49, 79, 119, 250})
      for (int rows : {1, 2, 5, 9, 14, 24, 60})
        for (bool help : {false, true}) {
          CAPTURE(width);
          CAPTURE(rows);
          Shown shown;
          shown.view.help = help;
          shown.view.served = "http://127.0.0.1:9435/metrics";
          const auto lines = shown.screen(width, rows, language);
          CHECK(lines.size() <= static_cast<size_t>(rows));
          if (width < 33) continue;  // an end, a figure: below, the terminal cuts
          for (const auto& line : lines) CHECK(columns(line) <= width);
        }
}

TEST_CASE("top: scrolling ends with the last flow") {
  Shown shown;
  shown.view.first_row = 100;
  const auto lines = shown.screen(79, 9);
  CHECK(shown.view.first_row < 4);
  CHECK(has(lines, "of 4"));
}

TEST_CASE("top: a quiet flow is not in view, but in what stays at the end") {
  Shown shown;
  shown.rates.take(shown.flows, 60 * kSecond);
  CHECK_FALSE(has(shown.screen(119), "index.html"));
  CHECK(has(shown.screen(119), "4 idle"));
  CHECK(has(terminal::summary_lines(shown.rates, shown.flows, shown.view, Shown::style(119)), "index.html"));
}

TEST_CASE("top: sorted by what was asked for") {
  Shown shown;
  shown.view.sort = terminal::Sort::copies;
  const auto text = joined(shown.screen(119));
  CHECK(text.find("index.html") < text.find("debian-12.iso"));
}

TEST_CASE("top: connections of one server are a row, or a row each; the lines for programs have each") {
  Shown shown;
  auto more = shown.flows.list[1];
  more.to = socket("tcp 10.0.0.1:80 - 10.0.0.3:60002", 13);
  shown.flows.list.push_back(more);
  shown.rates.take(shown.flows, 4 * kSecond);
  CHECK(has(shown.screen(79), ":80 ×2"));
  CHECK(has(shown.screen(119), "tcp 10.0.0.1:80 - * ×2"));
  CHECK_FALSE(has(shown.screen(119), "60001"));
  CHECK(has(terminal::batch_lines(shown.rates, shown.view), "60002"));
  shown.view.each_connection = true;
  CHECK(has(shown.screen(119), "60001"));
  CHECK(has(shown.screen(119), "60002"));
}

TEST_CASE("top: a name cannot steer the terminal") {
  Shown shown;
  shown.flows.list[0].from.name =
      "/a\x1b[2J\n\x9b"
      "b";
  shown.rates.take(shown.flows, 4 * kSecond);
  for (const auto& line : shown.screen(119)) {
    CHECK(line.find('\x1b') == line.npos);
    CHECK(line.find('\n') == line.npos);
  }
}

TEST_CASE("top: keys, as terminals send them") {
  std::string typed = "qcj\x1b[A\x1bOB\x1b[5~\x1b[6~?\x1b[Z";
  for (const Key key : {Key::quit, Key::connections, Key::down, Key::up, Key::down, Key::page_up, Key::page_down,
                        Key::help, Key::other, Key::none})
    CHECK(terminal::take_key(typed) == key);
}

}  // namespace live_view_test
