#include <doctest/doctest.h>

#include "model/language/texts.h"
#include "model/summary/after_all.h"
#include "timeline_samples.h"

namespace after_all_test {

using namespace zctrace;
using namespace zctrace::samples;

namespace {

using Sentences = std::vector<std::string>;

Sentences told(const Document& document, Language language = Language::english) {
  return summary::after_all(document.run, document.ledger, language);
}

Copy between_buffers(const char* function, const char* via, uint64_t bytes, Context context = Context::syscall) {
  auto made = copy(End::socket_buffer, End::socket_buffer, Mover::cpu, function, bytes, 64);
  made.via = via;
  made.context = context;
  return made;
}

/// Sent by reference from a buffer, as MSG_ZEROCOPY does. Its name says nothing of that.
Document lent(std::initializer_list<Copy> more) {
  auto document = base("any_method");
  auto& copies = document.ledger.copies;
  copies.push_back(copy(End::page_cache, End::user_buffer, Mover::cpu, "_copy_to_iter", kSize, 1024));
  copies.push_back(copy(End::user_buffer, End::socket_buffer, Mover::reference, "skb_zerocopy_iter_stream", kSize, 64));
  copies.insert(copies.end(), more);
  return document;
}

Document completed(Document document, const char* copied) {
  document.run.evidence.notes.push_back(message(Text::note_completions, copied, "64", "SO_EE_CODE_ZEROCOPY_COPIED"));
  return document;
}

}  // namespace

TEST_CASE("what was passed on by reference and copied after all is said, with the function") {
  CHECK(
      told(lent({between_buffers("skb_copy_ubufs", "", kSize, Context::softirq)})) ==
      Sentences{"Passed on by reference to the socket buffer: 4.00 MiB; of these the CPU copied 4.00 MiB after all, by "
                "skb_copy_ubufs in softirq."});
  CHECK(
      told(lent({between_buffers("skb_copy_bits", "skb_segment", kMiB), between_buffers("skb_copy_bits", "", kMiB)})) ==
      Sentences{"Passed on by reference to the socket buffer: 4.00 MiB; of these the CPU copied 2.00 MiB after all, by "
                "skb_copy_bits in skb_segment, skb_copy_bits."});
  CHECK(told(lent({between_buffers("skb_copy_bits", "skb_segment", kMiB)}), Language::chinese)
            .at(0)
            .find("skb_copy_bits") != std::string::npos);
}

TEST_CASE("nothing is said where nothing was copied after all, or nothing was passed on") {
  CHECK(told(lent({})).empty());
  CHECK(told(lent({between_buffers("skb_copy_bits", "__pskb_pull_tail", 500)})).empty());  // headers and odd ends
  auto written = base("any_method");
  written.ledger.copies.push_back(copy(End::user_buffer, End::socket_buffer, Mover::cpu, "_copy_from_iter", kSize, 64));
  written.ledger.copies.push_back(between_buffers("skb_copy_bits", "skb_segment", kSize));
  CHECK(told(written).empty());
  auto unknown = lent({between_buffers("skb_copy_ubufs", "", kSize)});
  unknown.run.evidence.copies = Evidence::none;
  CHECK(told(unknown).empty());
}

TEST_CASE("out of a pipe into a file pages are copied after all") {
  auto document = base("any_method");
  document.ledger.copies.push_back(
      copy(End::page_cache, End::pipe, Mover::reference, "filemap_splice_read", kSize, 64));
  document.ledger.copies.push_back(copy(End::pipe, End::file, Mover::cpu, "copy_page_from_iter_atomic", kSize, 1024));
  CHECK(told(document) ==
        Sentences{"Passed on by reference to the pipe: 4.00 MiB; of these the CPU copied 4.00 MiB after "
                  "all, by copy_page_from_iter_atomic."});
}

TEST_CASE("the linear part of socket buffers cannot be passed on to a pipe") {
  auto document = base("any_method");
  for (auto [by, bytes] : {std::pair{Mover::reference, 3 * kMiB}, {Mover::cpu, kMiB}}) {
    auto made = copy(End::socket_buffer, End::pipe, by, "skb_splice_bits", bytes, 16);
    made.side = Side::receiver;
    document.ledger.copies.push_back(made);
  }
  CHECK(told(document) == Sentences{"Not passed on by reference but copied to the pipe: 1.00 MiB of 4.00 MiB, by "
                                    "skb_splice_bits (the linear part of socket buffers)."});
}

TEST_CASE("completions that say otherwise than what was measured are shown beside it") {
  const auto ubufs = between_buffers("skb_copy_ubufs", "", kSize);
  CHECK(told(completed(lent({}), "0")).empty());
  CHECK(told(completed(lent({ubufs}), "64")).size() == 1);
  CHECK(told(completed(lent({}), "64")) ==
        Sentences{"Completions and measurement disagree: 64 of 64 sends were reported "
                  "as copied, but the CPU copied 0 B of 4.00 MiB."});
  CHECK(told(completed(lent({ubufs}), "0")).at(1) ==
        "Completions and measurement disagree: 0 of 64 sends were reported as copied, but the CPU copied 4.00 MiB of "
        "4.00 MiB.");
}

}  // namespace after_all_test
