#include <doctest/doctest.h>

#include <algorithm>

#include "model/quantities/quantities.h"
#include "model/summary/figure_list.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"
#include "viz/terminal/terminal.h"

namespace transforms_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

constexpr uint64_t kSize = 4 << 20;

/// A run whose socket buffers hold `copied` bytes that the CPU copied there and `transformed` ones that it encrypted.
Measured sent(uint64_t copied, uint64_t transformed) {
  Measured sent;
  sent.run.method = "ktls_sendfile";
  sent.run.path.kind = "nic";
  sent.run.evidence.copies = sent.run.evidence.receiver_copies = Evidence::exact;
  sent.ledger.payload_bytes = sent.ledger.received_bytes = kSize;
  const auto add = [&](End from, End to, Mover by, uint64_t bytes, std::optional<Cipher> cipher) {
    if (bytes == 0) return;
    Copy copy{from, to, by, "function", "", bytes, 64, Side::sender, Context::syscall, Evidence::exact};
    copy.cipher = cipher;
    sent.ledger.copies.push_back(copy);
  };
  add(End::page_cache, End::socket_buffer, Mover::reference, kSize, {});
  add(End::user_buffer, End::socket_buffer, Mover::cpu, copied, {});
  add(End::socket_buffer, End::socket_buffer, Mover::transform, transformed, Cipher::aes_gcm);
  return sent;
}

summary::Verdict verdict_of(const Measured& sent) {
  return summary::verdict_of(sent.run, sent.ledger, Language::english);
}

bool says(const std::string& text, std::string_view what) { return text.find(what) != text.npos; }

}  // namespace

TEST_CASE("what the CPU encrypts is not called zero-copy without a word for it") {
  auto run = sent(0, kSize);
  run.run.kernel_tls = true;
  const auto verdict = verdict_of(run);
  CHECK(verdict.figure == "0.00");
  CHECK(verdict.tone == summary::Tone::transformed);
  CHECK(verdict.judgment == "no CPU copy on the sending side; 4.00 MiB read and written by the CPU's cipher (AES-GCM)");
  CHECK(verdict.beside == "1.00 transforms per byte: AES-GCM by the CPU");
  const auto text = terminal::run_text(run.run, run.ledger, {});
  CHECK(says(text, "1.00 transforms per byte: AES-GCM by the CPU"));
  CHECK(!says(text, "zero-copy"));
}

TEST_CASE("copies and transforms are counted apart") {
  auto run = sent(2 * kSize, kSize);
  run.run.kernel_tls = true;
  CHECK(*cpu_copies_per_byte(run.run, run.ledger, Side::sender) == 2);
  CHECK(*transforms_per_byte(run.run, run.ledger) == 1);
  CHECK(says(verdict_of(run).judgment, "not zero-copy: the CPU copied 8.00 MiB; 4.00 MiB read and written"));
}

TEST_CASE("kernel TLS whose cipher was not seen for every byte is unknown, not zero-copy") {
  for (const uint64_t seen : {uint64_t{0}, kSize - 1}) {
    auto run = sent(0, seen);
    run.run.kernel_tls = true;
    CHECK(!transforms_per_byte(run.run, run.ledger));
    const auto verdict = verdict_of(run);
    CHECK(verdict.tone == summary::Tone::unknown);
    CHECK(says(verdict.judgment, "not all of what kernel TLS encrypted was seen"));
    const auto figures = summary::figure_list(run.run, run.ledger, Language::english);
    const auto row = std::ranges::find(figures, "transforms_per_byte", &summary::Figure::id);
    REQUIRE(row != figures.end());
    CHECK(row->value == "unknown");
  }
}

TEST_CASE("a method's own passes over the bytes are not visible, and never 0") {
  auto run = sent(2 * kSize, 0);
  run.run.own_passes = true;
  const auto figures = summary::figure_list(run.run, run.ledger, Language::english);
  const auto row = std::ranges::find(figures, "own_passes_per_byte", &summary::Figure::id);
  REQUIRE(row != figures.end());
  CHECK(row->value == "not visible");
  CHECK(!row->number);
  CHECK(says(verdict_of(run).judgment, "the program's own passes over them are not visible"));
  CHECK(says(terminal::run_text(run.run, run.ledger, {}), "not visible"));
  // Even where the kernel copied nothing.
  run = sent(0, 0);
  run.run.own_passes = true;
  CHECK(verdict_of(run).tone == summary::Tone::unknown);
}

TEST_CASE("a run that encrypts nothing has no row for it") {
  const auto run = sent(0, 0);
  CHECK(verdict_of(run).judgment == "zero-copy on the sending side");
  CHECK(verdict_of(run).beside.empty());
  for (const auto& figure : summary::figure_list(run.run, run.ledger, Language::english)) {
    CHECK(figure.id != "transforms_per_byte");
    CHECK(figure.id != "own_passes_per_byte");
  }
}

}  // namespace transforms_test
