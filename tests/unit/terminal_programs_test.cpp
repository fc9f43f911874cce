#include <doctest/doctest.h>

#include <sstream>

#include "base/text.h"
#include "model/summary/command_text.h"
#include "model/summary/sentences.h"
#include "tests/unit/golden.h"
#include "tests/unit/program_samples.h"
#include "viz/terminal/flow_table.h"
#include "viz/terminal/terminal.h"

namespace terminal_programs_test {

using namespace zctrace;
using namespace zctrace::timeline;
using terminal::Style;

namespace {

std::string shown(const Document& document, Style style = {}) {
  return terminal::run_text(document.run, document.ledger, style);
}

void golden(const std::string& name, const std::string& text) {
  CAPTURE(name);
  CHECK(text == approved("terminal_program_" + name + ".txt", text));
}

std::vector<std::pair<std::string, Document>> all_samples() {
  return {{"nginx", samples::nginx()},
          {"cp", samples::cp()},
          {"inferred", samples::program_inferred()},
          {"nothing", samples::nothing_moved()},
          {"rsync", samples::rsync()},
          {"user_tls", samples::user_tls()},
          {"kernel_tls", samples::kernel_tls()},
          {"fuse", samples::fuse()},
          {"everything", samples::everything()},
          {"network_files", samples::network_files()}};
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string table(const Document& document, int width) {
  std::string text;
  for (const auto& line : terminal::flow_table(document.run, document.ledger, {.width = width}))
    text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("where no single events were asked for, that is said in words") {
  auto document = samples::nginx();
  document.run.detail->window = "none";
  CHECK(contains(shown(document), "none kept, 4,321 events in the sums alone"));
  CHECK(contains(shown(document, {.language = Language::chinese}), "均未保留，4,321 个事件仅计入总数"));
}

TEST_CASE("programs look as approved") {
  for (const auto& [name, document] : all_samples()) {
    golden(name, shown(document));
    golden("zh_" + name, shown(document, {.language = Language::chinese}));
  }
  golden("wide", shown(samples::nginx(), {.width = 160}));
  golden("narrow", shown(samples::nginx(), {.width = 44}));
  golden("zh_narrow", shown(samples::nginx(), {.language = Language::chinese, .width = 44}));
  golden("colour", shown(samples::nginx(), {.colour = true}));
  golden("ascii", shown(samples::nginx(), {.unicode = false}));
}

TEST_CASE("no line of a program is wider than the terminal") {
  for (auto& [name, document] : all_samples()) {
    for (auto& flow : document.ledger.flows->list) {
      flow.from.name += "/a/path/零拷贝/" + std::string(300, 'x');
      flow.to.name = std::string(300, 'y');
      for (auto& part : flow.parts) part.bytes *= 1'000'000, part.mode_switches *= 1'000'000'000;
    }
    for (const auto language : {Language::english, Language::chinese})
      for (const int width : {30, 44, 77, 78, 80, 100, 135, 136, 200}) {
        std::istringstream lines(shown(document, {.language = language, .width = width}));
        for (std::string line; std::getline(lines, line);) {
          CAPTURE(name);
          CAPTURE(width);
          CAPTURE(line);
          CHECK(columns(line) <= width);
        }
      }
  }
}

TEST_CASE("a path is shortened in its middle and keeps the file's name") {
  CHECK(shorten("/var/www/html/index.html", 24) == "/var/www/html/index.html");
  CHECK(shorten("/var/www/html/index.html", 20) == "/va…/html/index.html");
  CHECK(shorten("/var/www/html/index.html", 16) == "/var…/index.html");
  CHECK(shorten("/var/lib/kafka/small-0/00000000000000000000.log", 34) == "…/small-0/00000000000000000000.log");
  CHECK(shorten("/var/www/html/index.html", 12) == "…/index.html");
  CHECK(shorten("/var/www/html/index.html", 9) == "/var…html");
  CHECK(shorten("tcp 10.0.0.1:80 - 10.0.0.2:41010", 17) == "tcp 10.0….2:41010");
  CHECK(shorten("", 3).empty());
  for (int width = 0; width < 30; ++width)
    for (const auto* text :
         {"/var/www/html/index.html", "/零/拷贝/零拷贝零拷贝.bin", "a\x1b/b\n/c/d/e/f/g/h/i/j/k/l/m/n"})
      CHECK(columns(shorten(text, width)) <= width);
}

TEST_CASE("a program of a Java virtual machine is called by its class, not by the machine's options") {
  using summary::command_text;
  CHECK(command_text({"/usr/bin/java", "-Xmx192m", "-cp", "a.jar:b.jar", "--add-opens", "x/y=z", "kafka.Kafka",
                      "my.conf"}) == "java … kafka.Kafka my.conf");
  CHECK(command_text({"java", "-ea", "-jar", "a.jar", "-v"}) == "java … -jar a.jar -v");
  CHECK(command_text({"java", "Main", "-v"}) == "java Main -v");
  CHECK(command_text({"java", "-version"}) == "java -version");
  CHECK(command_text({"cat", "-cp", "x"}) == "cat -cp x");
  CHECK(command_text({}).empty());
}

TEST_CASE("what only touched the program's memory comes after what it passed on, and the least of it in one line") {
  const auto text = table(samples::cp(), 80);
  CHECK(contains(text, "database-dump.sql → "));
  CHECK(!contains(text, "libc.so.6"));
  CHECK(contains(text, "and 1 more: 2.44 KiB"));
  auto document = samples::cp();
  document.ledger.flows->list[1].parts[0].bytes = 8 * samples::kMiB;
  const auto after = table(document, 80);
  const auto libraries = after.find("libraries and settings: 3 files → the program's memory");
  REQUIRE(libraries != after.npos);
  CHECK(libraries > after.find("observed at one end only"));
  document.ledger.flows->shown.all = true;
  CHECK(contains(table(document, 80), "libc.so.6 → the program's memory"));
  CHECK(!contains(table(document, 80), " more: "));
}

TEST_CASE("a mixed flow shows each of its methods") {
  const auto text = table(samples::nginx(), 80);
  const auto mixed = text.find("mixed");
  REQUIRE(mixed != std::string::npos);
  CHECK(text.find("  sendfile, same call", mixed) < text.find("  read + write, same buffer", mixed));
}

TEST_CASE("what is not known is not shown as a number") {
  auto document = samples::program_inferred();
  CHECK(contains(table(document, 80), "unknown  3.00 MiB  sendfile"));
  CHECK(contains(table(document, 80), "~2.00  4.00 MiB  read + write"));
  CHECK(contains(shown(document), "copies of 3.00 MiB"));
  document.run.evidence = {};
  CHECK(!contains(table(document, 80), "2.00 "));
  CHECK(!contains(table(document, 80), "0 B"));
}

TEST_CASE("a command line, and three lines that say what touched the bytes, of which there are more first") {
  const auto first = [](const Document& document, Style style = {}) {
    const auto text = shown(document, style);
    std::string lines;
    size_t at = 0;
    for (int i = 0; i < 4; ++i) {
      const auto end = text.find('\n', at);
      lines += (i == 0 ? "" : " ") + text.substr(at + 1, end - at - 1);
      at = end + 1;
    }
    return lines;
  };
  const auto rsync = first(samples::rsync());
  CHECK(contains(rsync, "16.0 MiB read from /srv/source/image.bin"));
  CHECK(contains(rsync, "16.0 MiB written to unix:[9001], not from the same buffers"));
  CHECK(contains(rsync, "the kernel copied 32.0 MiB"));
  // What it does itself is not seen: neither 0, nor said to be what it may be.
  CHECK(contains(rsync, "passes over them are not visible"));
  const auto tls = first(samples::user_tls());
  CHECK(contains(tls, "32.0 MiB read from /srv/www/film.mp4"));
  CHECK(contains(tls, "32.1 MiB written to tcp 10.0.0.1"));
  CHECK(tls.find("32.0 MiB") < tls.find("10.0 KiB"));
  // A JVM reads more of its own classes than of the file that it is asked for: both are named.
  auto jvm = samples::user_tls();
  samples::add(jvm,
               {samples::file("/usr/lib/jvm/lib/modules", 77),
                samples::memory(),
                {samples::part(FlowMethod::read, FlowLink::none, 40 * samples::kMiB, 640, 1)}},
               End::page_cache, End::user_buffer);
  CHECK(
      contains(first(jvm), "72.0 MiB read (40.0 MiB from /us…/lib/modules, 32.0 MiB from /s…/www/film.mp4), 32.1 MiB"));
  CHECK(contains(first(jvm), "not from the same buffers; the program's own passes over them are not visible"));
  const auto kernel = first(samples::kernel_tls());
  CHECK(contains(kernel, "0.00 copies, 1.00 transforms per byte (AES-GCM by the CPU)"));
  CHECK(contains(kernel, "not copied"));
  CHECK(!contains(kernel, "without a CPU copy"));
  CHECK(contains(first(samples::fuse()), "copies of 3.00 MiB unknown: a FUSE file system's program"));
  const auto network = first(samples::network_files());
  CHECK(contains(network, "≥ 0.50"));
  CHECK(contains(network, "a network file system's kernel threads copy too"));
  // Not even what was seen to be copied by none is said to be untouched.
  auto sent = samples::network_files();
  sent.ledger.flows->list.pop_back();
  CHECK(!contains(first(sent), "without a CPU copy"));
  CHECK(contains(first(sent), "≥ 0.00"));
  CHECK(contains(first(samples::nothing_moved()), "no data flow observed"));
  // Many small files of a program's start are no story of their own.
  auto start = samples::cp();
  for (uint64_t i = 0; i < 200; ++i)
    samples::add(start,
                 {samples::file("/usr/lib/" + std::to_string(i), 1000 + i),
                  samples::memory(),
                  {samples::part(FlowMethod::read, FlowLink::none, samples::kMiB, 4, 1)}},
                 End::page_cache, End::user_buffer);
  CHECK(contains(first(start), "96.0 MiB moved, each byte copied 1.00 times"));
  // Nor is it where nothing was passed on, that nothing was moved.
  auto sum = samples::program({"sha256sum", "/srv/image.bin"});
  samples::add(sum,
               {samples::file("/srv/image.bin", 61),
                samples::memory(),
                {samples::part(FlowMethod::read, FlowLink::none, 16 * samples::kMiB, 512, 1)}},
               End::page_cache, End::user_buffer);
  CHECK(contains(first(sum), "16.0 MiB read from /srv/image.bin"));
  CHECK(!contains(first(sum), "no data flow"));
  CHECK(!contains(first(sum), "not from the same buffers"));
}

TEST_CASE("threads are told where the program has several names of them") {
  auto document = samples::nginx();
  for (auto& flow : document.ledger.flows->list)
    for (auto& part : flow.parts) part.threads = {"nginx"};
  CHECK(!contains(table(document, 80), "by nginx"));
  document.ledger.flows->list.at(0).parts.at(0).threads = {"worker\x1b[2J", "nginx", "3", "4"};
  CHECK(contains(table(document, 80), "by worker?[2J, nginx, 3 and others"));
  CHECK(contains(table(document, 80), "by nginx\n"));
}

TEST_CASE("what a JVM copied itself is told behind what the kernel did") {
  auto document = samples::cp();
  const auto told = [&] { return summary::verdict_of(document.run, document.ledger, Language::english).judgment; };
  document.ledger.sender.array_copies = ArrayCopies{1 << 20, 16, 1 << 20, 16, Evidence::exact};
  CHECK(contains(told(), "; the JVM itself copied 2.00 MiB between arrays and native memory"));
  document.ledger.sender.array_copies->evidence = Evidence::at_least;
  CHECK(contains(told(), "the JVM itself copied ≥ 2.00 MiB"));
  document.ledger.sender.array_copies = ArrayCopies{.evidence = Evidence::exact};
  CHECK(!contains(told(), "the JVM"));
}

TEST_CASE("many flows are shown as the biggest and a sum") {
  auto document = samples::program({"server"});
  for (uint64_t i = 0; i < 1000; ++i)
    samples::add(document,
                 {samples::file("/srv/" + std::to_string(i), i),
                  samples::socket("tcp :80 - :" + std::to_string(i), i),
                  {samples::part(FlowMethod::sendfile, FlowLink::call, 1024, 1, 0)}},
                 End::page_cache, End::socket_buffer);
  const auto text = table(document, 80);
  CHECK(std::ranges::count(text, '\n') < 60);
  CHECK(contains(text, "and 976 more: 976 KiB"));
}

}  // namespace terminal_programs_test
