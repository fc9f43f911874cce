#include "model/summary/picture.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/timeline_samples.h"
#include "viz/diagram/flow.h"
#include "viz/terminal/diagram.h"

namespace picture_test {

using namespace zctrace;
using namespace zctrace::timeline;
using samples::kSize;
using summary::ArrowStyle;
using summary::Picture;

namespace {

Picture picture(const Document& document) { return summary::picture(document.run, document.ledger, Language::english); }

std::string terminal_picture(const Document& document) {
  std::string text;
  for (const auto& line : terminal::diagram(document.run, document.ledger, {})) text += line + "\n";
  return text;
}

std::string svg(const Document& document) { return diagram::flow(document.run, document.ledger, {}); }

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const summary::Arrow* arrow(const Picture& picture, End from, End to) {
  const auto found =
      std::ranges::find_if(picture.sender, [&](const auto& each) { return each.from == from && each.to == to; });
  return found == picture.sender.end() ? nullptr : &*found;
}

Document with(Document document, End from, End to, uint64_t bytes) {
  document.ledger.copies.push_back(samples::copy(from, to, Mover::cpu, "memcpy", bytes, 3));
  return document;
}

}  // namespace

TEST_CASE("what is too little for an arrow is told in words, by every drawing") {
  for (const auto& document : {with(samples::splice(), End::socket_buffer, End::socket_buffer, 56),
                               with(samples::splice(), End::user_buffer, End::socket_buffer, kSize / 100 - 1),
                               with(samples::sendfile(true), End::page_cache, End::user_buffer, 4096)}) {
    const auto shown = picture(document);
    REQUIRE(shown.besides.size() == 1);
    const auto& besides = shown.besides.front();
    CHECK(arrow(shown, besides.from, besides.to) == nullptr);
    const auto words = summary::in_words(shown.besides, Language::english);
    CHECK(contains(words, "CPU copy"));
    CHECK(contains(words, "(memcpy ×3)"));
    CHECK(contains(svg(document), words));
    CHECK(!contains(svg(document), besides.key));
    const auto text = terminal_picture(document);
    CHECK(contains(text, "also"));
    CHECK(contains(text, besides.amount));
    CHECK(!contains(text, "┃"));  // no line of a copy
    CHECK(!contains(text, "━"));
  }
  const auto drawn = with(samples::splice(), End::user_buffer, End::socket_buffer, kSize / 100);
  CHECK(picture(drawn).besides.empty());
  CHECK(contains(terminal_picture(drawn), "┃"));
  CHECK(!contains(terminal_picture(drawn), "also"));
}

TEST_CASE("a few bytes touch a box, though no arrow leads to it") {
  const auto few = with(samples::sendfile(true), End::page_cache, End::user_buffer, 4096);
  CHECK(!picture(samples::sendfile(true)).user.used);
  CHECK(picture(few).user.used);
  CHECK(contains(terminal_picture(samples::sendfile(true)), "not touched"));
  CHECK(!contains(terminal_picture(few), "not touched"));
  CHECK(!contains(svg(few), "not touched"));
}

TEST_CASE("a few bytes from the disk are no reason to say that it was not read") {
  auto document = samples::read_write();
  document.ledger.copies[0].bytes = document.ledger.dma.disk_bytes = 4096;
  document.ledger.dma.disk_requests = 1;
  const auto shown = picture(document);
  CHECK(arrow(shown, End::disk, End::page_cache) == nullptr);
  CHECK(shown.disk.used);
  CHECK(shown.disk_remark.text.empty());
  for (const auto& text : {svg(document), terminal_picture(document)}) {
    CHECK(contains(text, "disk → page cache: DMA 4.00 KiB (1 request)"));
    CHECK(!contains(text, "not read"));
  }
}

TEST_CASE("each drawing has words for the arrows it has no room for") {
  auto document = with(samples::sendfile(true), End::page_cache, End::socket_buffer, kSize / 2);
  const auto shown = picture(document);
  CHECK(shown.besides.empty());
  CHECK(std::ranges::count_if(shown.sender,
                              [](const auto& each) { return each.between(End::page_cache, End::socket_buffer); }) == 2);
  const auto text = terminal_picture(document);
  CHECK(contains(text, "CPU copy 2.00 MiB"));
  CHECK(contains(text, "page cache → socket buffer: 4.00 MiB by reference"));
}

TEST_CASE("what is not known is no arrow, and said to be unknown") {
  auto document = samples::read_write();
  document.run.evidence = {};
  document.ledger.copies.clear();
  const auto shown = picture(document);
  CHECK(shown.sender.empty());
  CHECK(!shown.copies_known);
  CHECK(shown.disk_remark.unknown);
  CHECK(shown.card_remark.unknown);
  CHECK(shown.round.empty());
  CHECK(contains(shown.switches.causes, "unknown"));
  CHECK(picture(samples::unseen()).sender.front().style == ArrowStyle::doubtful);
}

TEST_CASE("no total of mode switches where the page faults among them were not seen") {
  auto document = samples::read_write();
  document.run.evidence.page_faults = Evidence::none;
  CHECK(contains(terminal_picture(document), "mode switches: unknown"));
  CHECK(contains(svg(document), "mode switches: unknown"));
  CHECK(!contains(svg(document), "by page faults"));
  CHECK(picture(document).round.size() == 2);  // the calls were
}

TEST_CASE("the textbooks' round stands beside another one, call by call") {
  const auto names = [](const Picture& picture) {
    std::string joined;
    for (const auto& call : picture.claimed_calls) joined += call.name + "@" + std::to_string(call.before) + " ";
    for (const auto& call : picture.round) joined += call.unclaimed ? call.name + "! " : call.name + " ";
    return joined;
  };
  CHECK(names(picture(samples::read_write())) == "read write ");
  CHECK(names(picture(samples::mmap_write())) == "mmap@0 write ");
  CHECK(names(picture(samples::splice())) == "splice splice! ");
  CHECK(names(picture(samples::tee())).find_first_of("@!") == std::string::npos);  // nothing is claimed of it
  auto at_once = samples::mmap_write();
  at_once.run.chunk = kSize;
  at_once.ledger.sender.syscalls = {{"mmap", 1}, {"write", 1}, {"munmap", 1}};
  at_once.ledger.sender.mode_switches = {6, 0};
  const std::string order[] = {"mmap", "write", "munmap"};
  CHECK(names(summary::picture(at_once.run, at_once.ledger, Language::english, order)) == "mmap write munmap! ");
  auto many = samples::splice();  // no round is known in which each call stands for itself
  many.ledger.sender.syscalls = {{"splice", 640}};
  many.ledger.sender.mode_switches = {1280, 0};
  CHECK(names(picture(many)) == "splice ×10 ");
  CHECK(!picture(many).switches.claim.empty());
}

TEST_CASE("copies other than claimed are counted beside the claim, and never drawn as arrows of the figure") {
  const auto told = [](const Document& document) {
    std::string joined;
    for (const auto& copies : picture(document).claimed_copies)
      joined += copies.label + ": " + copies.value + ", " + copies.claim + "; ";
    return joined;
  };
  for (const auto& agreed : {samples::read_write(), samples::splice(), samples::tee(), samples::direct_io()})
    CHECK(told(agreed) == "");
  auto copied = with(samples::read_write(), End::socket_buffer, End::socket_buffer, kSize);
  CHECK(told(copied) == "CPU copies per byte: 3.00, textbooks: 2; ");
  copied.run.evidence.copies = Evidence::inferred;
  for (auto& copy : copied.ledger.copies) copy.evidence = Evidence::inferred;
  CHECK(told(copied) == "");  // nobody measured it
  auto warm = samples::sendfile(true);
  std::erase_if(warm.ledger.copies, [](const Copy& copy) { return copy.from == End::disk; });
  warm.ledger.dma.disk_bytes = warm.ledger.dma.disk_requests = 0;
  CHECK(told(warm) == "DMA copies per byte: 1.00, textbooks: 2; ");
  CHECK(contains(svg(warm), ">textbooks: 2<"));
  CHECK(arrow(picture(warm), End::disk, End::page_cache) == nullptr);
  warm.run.path.dma = false;  // where it cannot be, it is not missing
  CHECK(told(warm) == "");
}

TEST_CASE("where nothing was sent, no arrow leads to the device") {
  auto document = samples::read_write();
  std::erase_if(document.ledger.copies, [](const Copy& copy) { return copy.to == End::nic; });
  document.ledger.transmit = {};
  document.ledger.dma.nic_bytes = document.ledger.dma.nic_packets = 0;
  CHECK(arrow(picture(document), End::socket_buffer, End::nic) == nullptr);
  for (const auto& text : {svg(document), terminal_picture(document)}) CHECK(contains(text, "nothing was sent"));
}

}  // namespace picture_test
