#include "viz/diagram/flow.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "model/summary/words.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"
#include "tests/unit/golden.h"
#include "tests/unit/program_samples.h"
#include "tests/unit/well_formed.h"
#include "viz/diagram/flow_question.h"
#include "viz/diagram/svg.h"

namespace flow_test {

using namespace zctrace;
using namespace zctrace::timeline;
using diagram::Form;
using diagram::Options;
using diagram::Theme;
using samples::kSize;

namespace {

Options light(Language language = Language::english, Form form = Form::wide) {
  return {.language = language, .theme = Theme::light, .form = form};
}

std::string drawn(const Document& document, const Options& options = light()) {
  return diagram::flow(document.run, document.ledger, options);
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Compares with tests/golden/flow_NAME.svg; ZCTRACE_UPDATE_GOLDEN=1 writes it instead.
void golden(const std::string& name, const std::string& svg) {
  CAPTURE(name);
  CHECK(svg == approved("flow_" + name + ".svg", svg));
}

Document none() {
  auto document = samples::unseen();
  document.run.evidence = {};
  return document;
}

Document program() {
  auto document = samples::inferred();
  document.run.method = "exec";
  document.run.command = {"curl", "</text><script>alert(1)</script>", std::string(300, 'x'), "\"'&\x1b[31m\xff零拷贝"};
  document.run.size = document.run.chunk = 0;
  return document;
}

/// A program that moves bytes in more than one way between the same places, and where the picture has no way.
Document mixed() {
  auto document = samples::sendfile(true);
  auto& copies = document.ledger.copies;
  const auto add = [&](End from, End to, const char* function, uint64_t bytes) {
    copies.push_back(samples::copy(from, to, Mover::cpu, function, bytes, 77));
  };
  add(End::page_cache, End::socket_buffer, "_copy_from_iter", kSize / 2);
  add(End::page_cache, End::socket_buffer, "memcpy_from_page", kSize / 4);
  add(End::page_cache, End::user_buffer, "_copy_to_iter", kSize);
  add(End::user_buffer, End::page_cache, "copy_page_from_iter_atomic", kSize);
  add(End::user_buffer, End::file, "memcpy", kSize);
  return document;
}

/// As much of everything as a document can say.
Document huge(Document document) {
  constexpr uint64_t kMost = 999'999'999'999'999'999;
  auto& run = document.run;
  run.size = kMost;
  run.sinks = 4'000'000'000;
  run.kernel.release = "6.12.107+deb13-cloud-amd64-with-a-very-long-local-version-suffix";
  run.path.device = "enp0s31f6np1-vlan4094</text>";
  run.path.driver = "a_driver_of_a_long_name";
  run.source.device = "mapper/vg-root-of-a-long-name";
  run.source.filesystem = "fuse.some-long-filesystem";
  run.source.resident_bytes = kMost;
  run.lost = {kMost, {{std::string(200, 'k'), kMost}}};
  run.evidence.notes = {std::string(900, 'x'),
                        "零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝零拷贝"};
  auto& ledger = document.ledger;
  ledger.payload_bytes = ledger.received_bytes = kMost;
  for (auto& copy : ledger.copies) {
    copy.bytes = copy.calls = kMost;
    copy.function = "iov_iter_copy_from_user_atomic.constprop.0.isra.0_and_longer_still_than_any_line_is";
    copy.via = "an_enclosing_function_of_the_kernel_with_a_long_name";
  }
  for (int i = 0; i < 20; ++i) ledger.sender.syscalls["rt_sigtimedwait_time64_" + std::to_string(i)] = kMost;
  ledger.sender.mode_switches = {kMost, kMost};
  ledger.sender.user_faults = ledger.sender.kernel_faults = ledger.sender.voluntary_switches = kMost;
  ledger.dma = {kMost, kMost, kMost, kMost};
  ledger.transmit = {kMost, kMost, kMost, kMost, kMost};
  return document;
}

std::vector<std::pair<std::string, Document>> all_samples() {
  auto lost = samples::splice();
  lost.run.lost = {1200, {{"syscall", 1000}, {"transmit", 200}}};
  lost.run.complete = false;
  auto gifted = samples::splice();
  gifted.ledger.copies.push_back(
      samples::copy(End::user_buffer, End::pipe, Mover::reference, "iter_to_pipe", kSize, 64));
  auto copied = samples::splice();  // more copies than claimed, and fewer by DMA
  copied.run.path.scatter_gather = false;
  copied.ledger.copies.push_back(
      samples::copy(End::socket_buffer, End::socket_buffer, Mover::cpu, "skb_copy", kSize, 71));
  copied.ledger.dma.disk_bytes = copied.ledger.dma.disk_requests = 0;
  std::erase_if(copied.ledger.copies, [](const Copy& copy) { return copy.from == End::disk; });
  auto blank = program();
  blank.run.source = {};
  blank.run.path = {};
  return {{"read_write", samples::read_write()},
          {"mmap_write", samples::mmap_write()},
          {"sendfile_sg", samples::sendfile(true)},
          {"sendfile_no_sg", samples::sendfile(false)},
          {"splice", samples::splice()},
          {"tee", samples::tee()},
          {"direct_io", samples::direct_io()},
          {"inferred", samples::inferred()},
          {"unseen", samples::unseen()},
          {"none", none()},
          {"lost", lost},
          {"program", program()},
          {"program_of_unknown_ends", blank},
          {"mixed", mixed()},
          {"read_write_file", samples::into(samples::read_write(), "file")},
          {"sendfile_file", samples::into(samples::sendfile(true), "file")},
          {"tee_file", samples::into(samples::tee(), "file")},
          {"read_write_pipe", samples::into(samples::read_write(), "pipe")},
          {"tee_pipe", samples::into(samples::tee(), "pipe")},
          {"gifted", gifted},
          {"copied", copied},
          {"empty", {}}};
}

template <class Check>
void for_all(const Check& check) {
  for (const auto& [name, document] : all_samples())
    for (const auto& sample : {document, huge(document)})
      for (const auto form : {Form::wide, Form::narrow, Form::slide})
        for (const auto language : kLanguages) {
          CAPTURE(name);
          CAPTURE(static_cast<int>(form));
          CAPTURE(code(language));
          check(sample, light(language, form));
        }
}

struct Shown {
  std::string text;
  double left, right, top, bottom, size;
};

std::string plain(std::string text) {
  const std::pair<const char*, const char*> kEntities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : kEntities)
    for (size_t at = 0; (at = text.find(entity, at)) != std::string::npos; ++at)
      text.replace(at, std::string(entity).size(), character);
  return text;
}

/// Where every text stands, also in a group that is drawn larger; their widths are rather too large.
std::vector<Shown> texts(const std::string& svg) {
  static const std::regex kText(
      "<g transform=\"translate\\(([^ ]*) ([^ ]*)\\) scale\\(([^)]*)\\)\">|<g|</g>|"
      "<text class=\"[^\"]*\" x=\"([^\"]*)\" y=\"([^\"]*)\" font-size=\"([^\"]*)\"( font-weight=\"600\")?"
      "( text-anchor=\"([a-z]*)\")?>([^<]*)</text>");
  std::vector<Shown> all;
  struct Group {
    double x = 0, y = 0, scale = 1;
  };
  std::vector<Group> groups{{}};
  for (std::sregex_iterator match(svg.begin(), svg.end(), kText), end; match != end; ++match) {
    const auto number = [&](size_t at) { return std::stod((*match)[at]); };
    if ((*match)[1].matched) {
      groups.push_back({number(1), number(2), number(3)});
    } else if ((*match)[0] == "<g") {
      groups.push_back(groups.back());
    } else if ((*match)[0] == "</g>") {
      groups.pop_back();
    }
    if (!(*match)[4].matched) continue;
    const auto& group = groups.back();
    const double x = group.x + group.scale * number(4), y = group.y + group.scale * number(5),
                 size = group.scale * number(6);
    const auto text = plain((*match)[10]);
    const double width = diagram::text_width(text, {size, (*match)[7].length() > 0});
    const auto anchor = (*match)[9].str();
    const double left = anchor == "end" ? x - width : anchor == "middle" ? x - width / 2 : x;
    all.push_back({text, left, left + width, y - size * 0.7, y + size * 0.15, size});
  }
  return all;
}

}  // namespace

TEST_CASE("the flow diagrams are as they were approved") {
  golden("read_write", drawn(samples::read_write()));
  golden("sendfile_sg", drawn(samples::sendfile(true)));
  golden("sendfile_no_sg", drawn(samples::sendfile(false)));
  golden("inferred", drawn(samples::inferred()));
  golden("splice_file", drawn(samples::into(samples::splice(), "file")));
  golden("sendfile_pipe", drawn(samples::into(samples::sendfile(true), "pipe")));
  golden("narrow_zh", drawn(samples::splice(), light(Language::chinese, Form::narrow)));
}

TEST_CASE("a flow diagram is well-formed, small, and runs nothing") {
  CHECK(well_formed("<a b=\"c\"><d/>x &amp; y</a>"));
  CHECK(!well_formed("<a><b></a></b>"));
  CHECK(!well_formed("<a>x & y</a>"));
  for_all([](const Document& document, Options options) {
    for (const auto theme : {Theme::light, Theme::page}) {
      options.theme = theme;
      const auto svg = drawn(document, options);
      CHECK(well_formed(svg));
      CHECK(svg.size() < 30'000);
      CHECK(!contains(svg, "<script"));
      CHECK(!contains(svg, " id="));
      CHECK(!contains(svg, "\x1b"));
    }
  });
}

TEST_CASE("no text of a flow diagram is clipped, too small, or over another") {
  for_all([](const Document& document, const Options& options) {
    const auto all = texts(drawn(document, options));
    const bool slide = options.form == Form::slide;
    CHECK(all.size() > (slide ? 6 : 10));
    for (size_t i = 0; i < all.size(); ++i) {
      CAPTURE(all[i].text);
      CHECK(all[i].size >= (slide ? 13.5 : 11));
      CHECK(all[i].left >= 0);
      CHECK(all[i].right <= width_of(options.form));
      for (size_t j = 0; j < i; ++j) {
        CAPTURE(all[j].text);
        const double wide = std::min(all[i].right, all[j].right) - std::max(all[i].left, all[j].left);
        const double high = std::min(all[i].bottom, all[j].bottom) - std::max(all[i].top, all[j].top);
        CHECK((wide <= 2 || high <= 0.5));
      }
    }
  });
}

TEST_CASE("every edge of the ledger is an arrow or is told below") {
  for (const auto& [name, document] : all_samples()) {
    if (document.run.evidence.copies == Evidence::none) continue;
    CAPTURE(name);
    for (const auto form : {Form::wide, Form::narrow}) {
      const auto svg = drawn(document, light(Language::english, form));
      for (const auto side : {Side::sender, Side::receiver})
        for (const auto& edge : edges(document.ledger, side)) {
          if (document.run.evidence.nic == Evidence::none && edge.to == End::nic) continue;
          const auto key = "data-edge=\"" + std::string(text(side)) + "/" + std::string(text(edge.from)) + "/" +
                           std::string(text(edge.to)) + "/" + std::string(text(edge.by)) + "\"";
          const auto besides = std::string(summary::word(edge.from, Language::english)) + " → " +
                               std::string(summary::word(edge.to, Language::english)) + ":";
          CAPTURE(key);
          CHECK((contains(svg, key) || contains(svg, besides)));
        }
    }
  }
}

TEST_CASE("what is not known is called unknown, never zero") {
  for (const auto& document : {samples::unseen(), none(), Document{}}) {
    const auto svg = drawn(document);
    CHECK(contains(svg, ">unknown</text>"));
    CHECK(!contains(svg, ">0.00</text>"));
    CHECK(!contains(svg, "zero-copy on the sending side"));
  }
  CHECK(!contains(drawn(none()), "/cpu\""));
  CHECK(!contains(drawn(samples::unseen()), ">not touched<"));
  CHECK(contains(drawn(samples::sendfile(true)), ">not touched<"));
}

TEST_CASE("what was inferred looks otherwise than what was counted") {
  const auto arrow = [](const std::string& svg) {
    const auto at = svg.find("data-edge=\"sender/page cache/user buffer/cpu\"");
    return svg.substr(at, svg.find("</g>", at) - at);
  };
  const auto exact = arrow(drawn(samples::read_write())), inferred = arrow(drawn(samples::inferred()));
  CHECK(!contains(exact, "\"box-line\""));
  CHECK(contains(inferred, "\"box-line\""));  // hollow
  CHECK(contains(inferred, "~4.00 MiB"));
  CHECK(contains(drawn(samples::inferred()), ">~ inferred<"));
  CHECK(!contains(drawn(samples::read_write()), "inferred"));
}

TEST_CASE("no DMA is drawn where there is none") {
  const auto svg = drawn(samples::inferred());
  CHECK(!contains(svg, "/dma\""));
  CHECK(contains(svg, "no disk DMA"));
  CHECK(contains(svg, "loopback, no DMA"));
  CHECK(contains(svg, ">handed over"));
}

TEST_CASE("a copy below a hundredth of the payload is told, not drawn") {
  auto document = samples::splice();
  document.ledger.copies.push_back(
      samples::copy(End::socket_buffer, End::socket_buffer, Mover::cpu, "skb_copy_bits", 56, 1));
  const auto svg = drawn(document);
  CHECK(!contains(svg, "socket buffer/socket buffer"));
  CHECK(contains(svg, "socket buffer → socket buffer: CPU copy 56 B (skb_copy_bits ×1)"));
  CHECK(contains(svg, "&lt;0.01"));
}

TEST_CASE("mode switches are numbered in the order of a round, of faults too where they are many") {
  const auto marks = [](const Document& document) {
    const auto svg = drawn(document);
    const auto at = svg.find("data-edge=\"sender/mode switches\"");
    std::string joined;
    for (const auto& shown : texts(svg.substr(at, svg.find("</g>", at) - at))) joined += shown.text + " ";
    return joined;
  };
  CHECK(marks(samples::read_write()) ==
        "1 read 2 return 3 write 4 return 258 mode switches, 4.03 per chunk (2 by page faults) ");
  CHECK(marks(samples::sendfile(true)) == "1 sendfile 2 return 128 mode switches, 2.00 per chunk ");
  CHECK(marks(samples::splice()) ==
        "1 splice 2 return 3 splice 4 return 256 mode switches, 4.00 per chunk textbooks: 2 ");
  CHECK(marks(samples::tee()) == "1–6 splice ×3 7 tee 8 return 512 mode switches, 8.00 per chunk ");
  CHECK(marks(none()) == "mode switches: unknown ");
  auto faults = samples::mmap_write();
  faults.ledger.sender.mode_switches.fault = 128;
  CHECK(contains(marks(faults), "page fault"));
}

TEST_CASE("on the page arrows can be reached and named") {
  Options options;
  options.theme = Theme::page;
  const auto svg = drawn(samples::tee(), options);
  CHECK(contains(svg,
                 "class=\"edge\" data-edge=\"sender/pipe/pipe/reference\" tabindex=\"0\" role=\"button\" "
                 "aria-label=\"sender: pipe → pipe, "));
  CHECK(contains(svg, "data-edge=\"sender/mode switches\" tabindex=\"0\""));
  CHECK(!contains(drawn(samples::tee()), "tabindex"));
  CHECK(contains(svg, "2 socket buffers"));
}

TEST_CASE("a slide has three figures, a program's its biggest flows") {
  const auto slide = light(Language::english, Form::slide);
  golden("slide", drawn(samples::mmap_write(), slide));
  golden("slide_program", drawn(samples::nginx(), slide));
  const auto svg = drawn(samples::mmap_write(), slide);
  for (const char* text :
       {">1.00<", ">CPU copies per byte<", ">textbooks: 4<", ">not zero-copy: the CPU copied 4.00 MiB<"})
    CHECK_MESSAGE(contains(svg, text), text);
  CHECK(!contains(svg, ">_copy_from_iter"));
}

TEST_CASE("a question's diagram tells nothing of what was measured") {
  const auto asked = [](const Document& document, Options options) {
    auto svg = diagram::flow_question(document.run, document.ledger, options);
    CHECK(well_formed(svg));
    svg = svg.substr(svg.find("</title>"));  // which names the method
    for (const std::string told : {"data-edge", "CPU", "DMA", "MiB", "return", "read"})
      CHECK_MESSAGE(!contains(svg, told), told);
    return svg;
  };
  for (const auto form : {Form::wide, Form::narrow}) {
    auto options = light(Language::english, form);
    options.theme = Theme::page;
    const auto one = asked(samples::read_write(), options);
    CHECK(contains(one, ">?<"));
    for (const auto& other :
         {samples::mmap_write(), samples::sendfile(true), samples::sendfile(false), samples::direct_io()})
      CHECK(asked(other, options) == one);
  }
}

TEST_CASE("a program's flows stand in the place of the documents' figure") {
  golden("program", drawn(samples::nginx()));
  golden("program_narrow_zh", drawn(samples::everything(), light(Language::chinese, Form::narrow)));
  golden("program_inferred", drawn(samples::program_inferred()));
  golden("program_network_files", drawn(samples::network_files()));
  golden("program_kernel_tls", drawn(samples::kernel_tls()));
  golden("program_kernel_tls_dark_zh", drawn(samples::kernel_tls(), {Language::chinese, Theme::dark, Form::wide}));
  golden("program_rsync", drawn(samples::rsync()));
  const auto svg = drawn(samples::nginx());
  CHECK(contains(svg, "part-10.bin"));
  CHECK(contains(svg, "10.0.0.2:41001"));
  CHECK(!contains(svg, "data-edge"));
  CHECK(contains(drawn(samples::nothing_moved()), "no data flow observed"));
  // The legend names what is drawn, and nothing else.
  CHECK(contains(svg, ">no CPU copy<"));
  CHECK(!contains(drawn(samples::cp()), ">no CPU copy<"));
  CHECK(!contains(drawn(samples::nothing_moved()), "CPU copy<"));
  for (const auto form : {Form::wide, Form::narrow})
    CHECK(!contains(drawn(samples::program_inferred(), light(Language::english, form)), ">0.00"));
}

}  // namespace flow_test
