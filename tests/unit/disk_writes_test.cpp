#include <doctest/doctest.h>

#include <algorithm>

#include "base/error.h"
#include "model/quantities/quantities.h"
#include "model/summary/figure_list.h"
#include "model/summary/flow_rows.h"
#include "model/timeline/check.h"
#include "tests/unit/program_samples.h"
#include "userspace/commands/exec/on_disk.h"

namespace disk_writes_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

/// cp to a disk, of which `bytes` have been written, `later` of them by write-back.
Document copied(uint64_t bytes, uint64_t later) {
  Document document = samples::cp();
  auto& ledger = document.ledger;
  ledger.flows->writes_followed = true;
  ledger.flows->list[0].parts[0].written_bytes = bytes;
  ledger.flows->list[0].parts[0].written_later_bytes = later;
  ledger.dma.written_bytes = bytes;
  ledger.dma.write_requests = bytes / 131072;
  if (bytes) ledger.copies.push_back(samples::copy(End::file, End::disk, Mover::dma, "block_rq_issue", bytes, 8));
  return document;
}

std::string written(const Document& document) {
  return summary::flow_rows(document.run, *document.ledger.flows, Language::english)[0].written;
}

bool lists(const Document& document, const std::string& id) {
  const auto all = summary::figure_list(document.run, document.ledger, Language::english);
  return std::ranges::find(all, id, &summary::Figure::id) != all.end();
}

}  // namespace

TEST_CASE("what was written to the disk is a flow's: at once, later, or not yet") {
  CHECK(written(copied(samples::kMiB, 0)) == "written to disk: 1.00 MiB");
  CHECK(written(copied(2 * samples::kMiB, samples::kMiB)) ==
        "written to disk: 2.00 MiB, of it 1.00 MiB later by the kernel's write-back");
  CHECK(written(copied(0, 0)).starts_with("not on the disk yet"));
  Document in_memory = copied(0, 0);
  in_memory.ledger.flows->list[0].to.device = 25;  // a file system without a disk of its own
  CHECK(written(in_memory).empty());
  CHECK(written(samples::cp()).empty());  // a recording of before: not followed
}

TEST_CASE("writes to the disk are figures where they were followed, and unknown where the disk is") {
  const Document document = copied(samples::kMiB, 0);
  CHECK(quantities::shown("disk/written_bytes", {document.run, document.ledger}, Language::english) == "1.00 MiB");
  CHECK(lists(document, "disk/written_bytes"));
  CHECK(lists(document, "disk/write_requests"));
  CHECK(!lists(samples::cp(), "disk/written_bytes"));
  Document unseen = document;
  unseen.run.evidence.disk = Evidence::none;
  CHECK(quantities::shown("disk/written_bytes", {unseen.run, unseen.ledger}, Language::english) == "unknown");
}

TEST_CASE("flows do not hold more writes than the disk was given") {
  Document document = copied(samples::kMiB, 0);
  CHECK(check(document) == check(samples::cp()));
  document.ledger.dma.written_bytes = samples::kMiB - 1;
  CHECK(check(document).size() == check(samples::cp()).size() + 1);
}

TEST_CASE("--on-disk takes folders, not what the lab has of its own") {
  CHECK(commands::folders_to_copy({"/usr/../usr"}) == std::vector<std::string>{"/usr"});
  for (const char* wrong : {"/", "/proc/self", "/run", "/no/such", "/etc/passwd"})
    CHECK_THROWS_AS(commands::folders_to_copy({wrong}), Error);
}

}  // namespace disk_writes_test
