#include "workloads/net/tls_record.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/error.h"

namespace tls_record_test {

using namespace zctrace;
using namespace zctrace::workloads;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes some(size_t bytes) {
  Bytes made(bytes);
  for (size_t i = 0; i < bytes; ++i) made[i] = static_cast<uint8_t>(i * 7 + i / 251);
  return made;
}

/// Records of these lengths, one behind the other.
Bytes sealed(const Bytes& payload, const std::vector<size_t>& lengths) {
  RecordSealer sealer;
  Bytes all;
  size_t at = 0;
  for (const size_t length : lengths) {
    Bytes record(length + kRecordHead + kRecordTail);
    REQUIRE(sealer.seal(std::span(payload).subspan(at, length), record.data()) == record.size());
    all.insert(all.end(), record.begin(), record.end());
    at += length;
  }
  return all;
}

Bytes opened(const Bytes& arrived, size_t piece, uint64_t* framing = nullptr) {
  RecordOpener opener;
  Bytes all;
  for (size_t at = 0; at < arrived.size(); at += piece)
    opener.add(std::span(arrived).subspan(at, std::min(piece, arrived.size() - at)),
               [&](std::span<const uint8_t> held) { all.insert(all.end(), held.begin(), held.end()); });
  CHECK(opener.is_between_records());
  if (framing) *framing = opener.framing();
  return all;
}

}  // namespace

TEST_CASE("TLS records open to what was sealed, however they are cut on their way") {
  const Bytes payload = some(2 * kRecordPayload + 12);
  const Bytes arrived = sealed(payload, {1, kRecordPayload, 11, kRecordPayload});
  for (const size_t piece : {size_t{1}, size_t{5}, size_t{6}, size_t{4096}, arrived.size()}) {
    CAPTURE(piece);
    uint64_t framing = 0;
    CHECK(opened(arrived, piece, &framing) == payload);
    CHECK(framing == 4 * (kRecordHead + kRecordTail));
  }
}

TEST_CASE("a TLS record that was changed, or comes out of turn, is refused") {
  const Bytes arrived = sealed(some(200), {100, 100});
  for (const size_t at : {size_t{0}, size_t{4}, size_t{5}, size_t{60}, arrived.size() - 1}) {
    CAPTURE(at);
    Bytes changed = arrived;
    changed[at] ^= 1;
    RecordOpener opener;
    const auto add = [&] { opener.add(changed, [](std::span<const uint8_t>) {}); };
    CHECK_THROWS_AS(add(), Error);
  }
  const Bytes second(arrived.begin() + static_cast<std::ptrdiff_t>(arrived.size() / 2), arrived.end());
  RecordOpener opener;
  CHECK_THROWS_AS(opener.add(second, [](std::span<const uint8_t>) {}), Error);
}

TEST_CASE("half a TLS record is waited for") {
  const Bytes arrived = sealed(some(100), {100});
  RecordOpener opener;
  opener.add(std::span(arrived).first(arrived.size() - 1), [](std::span<const uint8_t>) { CHECK(false); });
  CHECK(!opener.is_between_records());
}

}  // namespace tls_record_test
