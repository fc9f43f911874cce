#include <doctest/doctest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <random>
#include <vector>

#include "base/error.h"
#include "base/output_file.h"
#include "model/timeline/event_store.h"
#include "model/timeline/json_write.h"
#include "tests/unit/read_document.h"
#include "tests/unit/timeline_samples.h"

namespace event_store_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

/// Any members, of any size.
Event arbitrary(std::mt19937_64& random) {
  const auto any = [&] { return random() >> random() % 64; };
  Event event;
  event.t_ns = any(), event.dur_ns = any(), event.bytes = any(), event.bytes2 = any();
  event.task = static_cast<uint32_t>(any()), event.count = static_cast<uint32_t>(any());
  event.cpu = static_cast<uint16_t>(any()), event.name = static_cast<uint16_t>(any());
  event.via = static_cast<uint16_t>(any()), event.result = static_cast<int64_t>(any());
  event.kind = static_cast<EventKind>(random() % 8), event.side = static_cast<Side>(random() % 2);
  event.from = static_cast<End>(random() % 7), event.to = static_cast<End>(random() % 7);
  event.by = static_cast<Mover>(random() % 4), event.context = static_cast<Context>(random() % 3);
  for (auto& copy : event.folded)
    if (random() % 2)
      copy = {event.via, event.to, event.from, event.by, {}, 1 + event.count / 2, event.task, any()};
  return event;
}

}  // namespace

TEST_CASE("events come back from the store as they were, also from a file, as often as one likes") {
  constexpr size_t kEvents = 900'000;  // more than memory is used for
  std::mt19937_64 random(1);
  std::vector<Event> events(4093);
  for (Event& event : events) event = arbitrary(random);
  EventStore store;
  for (size_t i = 0; i < kEvents; ++i) store.push_back(events[i % events.size()]);
  CHECK(store.size() == kEvents);
  CHECK(!store.in_order());
  for (int pass = 0; pass < 2; ++pass) {
    size_t different = 0, count = 0;
    for (const auto& event : store)
      different += std::memcmp(&event, &events[count++ % events.size()], sizeof event) != 0;
    CHECK(count == kEvents);
    CHECK(different == 0);
  }
}

TEST_CASE("a recording whose name ends in .zst is compressed, and read") {
  const auto path = (std::filesystem::temp_directory_path() / ("store-" + std::to_string(getpid()) + ".json.zst")).string();
  {
    OutputFile file(path);
    write_document(file.stream(), samples::read_write());
    file.commit();
  }
  CHECK(std::filesystem::file_size(path) < 3000);
  CHECK(read_document(path).run.method == "read_write");
  for (const int size : {500, 10}) {
    std::filesystem::resize_file(path, size);
    CHECK_THROWS_WITH_AS(read_document(path), doctest::Contains("is truncated at line 1"), Error);
  }
  std::filesystem::remove(path);
}

}  // namespace event_store_test
