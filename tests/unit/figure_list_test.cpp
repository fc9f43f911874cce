#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "model/summary/figure_list.h"
#include "tests/unit/timeline_samples.h"

namespace figure_list_test {

using namespace zctrace;
using namespace zctrace::timeline;
using summary::Figure;

namespace {

std::vector<Figure> list(const Document& document, Language language = Language::english) {
  return summary::figure_list(document.run, document.ledger, language);
}

Figure figure(const Document& document, const std::string& id) {
  const auto all = list(document);
  const auto found = std::ranges::find(all, id, &Figure::id);
  CAPTURE(id);
  REQUIRE(found != all.end());
  return *found;
}

const std::string kCached = "copies/sender/page cache/user buffer/cpu",
                  kLinear = "copies/sender/socket buffer/socket buffer/cpu",
                  kPassed = "copies/sender/page cache/socket buffer/reference";

}  // namespace

TEST_CASE("the list has every figure once, under the same ids in every language") {
  for (const auto& document : {samples::read_write(), samples::sendfile(false), samples::tee(), samples::unseen()}) {
    const auto english = list(document), chinese = list(document, Language::chinese);
    std::set<std::string> ids;
    REQUIRE(english.size() == chinese.size());
    for (size_t i = 0; i < english.size(); ++i) {
      CHECK(ids.insert(english[i].id).second);
      CHECK(english[i].id == chinese[i].id);
      CHECK(english[i].number == chinese[i].number);
      CHECK(!english[i].label.empty());
      CHECK(!english[i].section.empty());
      CHECK(english[i].number.has_value() == (english[i].evidence != Evidence::none));
    }
  }
}

TEST_CASE("the list says what was counted") {
  const auto document = samples::read_write();
  CHECK(figure(document, "cpu_copies_per_byte").value == "2.00");
  CHECK(figure(document, kCached).number == 1);
  CHECK(figure(document, kCached).detail == "_copy_to_iter ×1,024");
  CHECK(figure(document, kCached + "/bytes").value == "4.00 MiB");
  CHECK(figure(document, kCached + "/calls").value == "1,024");
  CHECK(figure(document, "mode_switches").number == 258);
  CHECK(figure(document, "mode_switches/syscall").number == 256);
  CHECK(figure(document, "mode_switches/fault").number == 2);
  CHECK(figure(document, "syscalls/read").number == 64);
  CHECK(figure(document, "disk/requests").number == 33);
  CHECK(figure(document, "network/header_bytes").value == "4.58 KiB");
  CHECK(figure(document, "receiver/received_bytes").value == "4.00 MiB");
  CHECK(figure(document, "lost_events").number == 0);
  CHECK(figure(samples::sendfile(false), kLinear).detail == "skb_copy_bits in skb_segment ×2,897, 25% in softirq");
}

TEST_CASE("what is not known is no figure") {
  const auto unseen = samples::unseen();
  CHECK(figure(unseen, "cpu_copies_per_byte").value == "unknown");
  CHECK(figure(unseen, kPassed).value == "unknown");
  CHECK(figure(unseen, kPassed + "/bytes").value == "~4.00 MiB");
  CHECK(figure(samples::inferred(), "cpu_copies_per_byte").value == "~2.00");

  auto none = samples::read_write();
  none.run.evidence = {};
  for (const auto* id : {"cpu_copies_per_byte", "mode_switches", "mode_switches/per_chunk", "mode_switches/fault",
                         "syscalls", "page_faults/user", "context_switches/voluntary", "disk/bytes", "network/packets",
                         "network/dma_bytes", "receiver/cpu_copies_per_byte", "receiver/mode_switches"})
    CHECK(figure(none, id).value == "unknown");
  CHECK(figure(none, kCached).value == "unknown");
  CHECK(figure(none, "copies/sender/disk/page cache/dma").value == "unknown");
  CHECK(std::ranges::count(list(none), "syscalls/read", &Figure::id) == 0);

  auto no_faults = samples::read_write();
  no_faults.run.evidence.page_faults = Evidence::none;
  CHECK(figure(no_faults, "mode_switches/syscall").number == 256);
  CHECK(figure(no_faults, "mode_switches").value == "unknown");
  CHECK(figure(no_faults, "mode_switches/per_chunk").value == "unknown");
}

TEST_CASE("where there is no DMA, none is counted") {
  const auto document = samples::inferred();
  CHECK(figure(document, "disk/bytes").value == "0 B");
  CHECK(figure(document, "disk/bytes").detail == "no disk DMA: tmpfs");
  CHECK(figure(document, "network/dma_bytes").number == 0);
  CHECK(figure(document, "network/dma_bytes").detail == "no DMA: loopback");
}

TEST_CASE("times and rates are measured or unknown") {
  auto document = samples::read_write();
  CHECK(figure(document, "cpu_ns").value == "unknown");
  document.ledger.sender.cpu_ns = 0;
  CHECK(figure(document, "cpu_ns").value == "0 ns");
  document.ledger.sender.cpu_ns = 7'654'321;
  CHECK(figure(document, "cpu_ns").value == "7.65 ms");
  CHECK(figure(document, "duration_ns").value == "12.3 ms");
  CHECK(figure(document, "throughput").value == "324 MiB/s");
  document.run.duration_ns = 0;
  CHECK(figure(document, "duration_ns").value == "unknown");
  CHECK(figure(document, "throughput").value == "unknown");
  document.run.duration_ns = 1;
  document.ledger.payload_bytes = std::numeric_limits<uint64_t>::max();
  CHECK(figure(document, "throughput").value.ends_with("EiB/s"));
}

TEST_CASE("what only another run has is absent, or unknown") {
  const auto cached = figure(samples::read_write(), kCached), read = figure(samples::read_write(), "syscalls/read");
  const auto missing = [](const Document& document, const Figure& like) {
    return summary::absent(document.run, like, Language::english);
  };
  CHECK(missing(samples::splice(), cached).value == "-");
  CHECK(missing(samples::splice(), cached).number == 0);
  CHECK(missing(samples::inferred(), cached).value == "~0");
  CHECK(missing(samples::unseen(), cached).value == "unknown");
  CHECK(!missing(samples::unseen(), cached).number);
  CHECK(missing(samples::splice(), read).value == "-");
  auto blind = samples::splice();
  blind.run.evidence.system_calls = Evidence::none;
  CHECK(missing(blind, read).value == "unknown");
}

TEST_CASE("a hostile ledger makes a list of bounded size") {
  auto document = samples::read_write();
  for (int i = 0; i < 5000; ++i) {
    document.ledger.copies.push_back(samples::copy(End::page_cache, End::user_buffer, Mover::cpu, "f",
                                                   std::numeric_limits<uint64_t>::max(),
                                                   std::numeric_limits<uint64_t>::max()));
    document.ledger.copies.back().function += std::to_string(i);
  }
  const auto edge = figure(document, kCached);
  CHECK(edge.detail.size() < 200);
  CHECK(edge.detail.find("4,997 more") != std::string::npos);
}

}  // namespace figure_list_test
