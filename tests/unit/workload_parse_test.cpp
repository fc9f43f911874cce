#include <doctest/doctest.h>

#include "base/error.h"
#include "workloads/file/mountinfo.h"
#include "workloads/net/offload.h"
#include "workloads/run/sink_report.h"

namespace workload_parse_test {

using namespace zctrace;
using namespace zctrace;
using namespace zctrace::workloads;

TEST_CASE("offload wishes") {
  CHECK(!parse_offload("").any());
  const OffloadWish wish = parse_offload("sg=off,tso=on");
  CHECK(wish.sg == false);
  CHECK(wish.tso == true);
  CHECK(!wish.tx);
  CHECK(!wish.gso);
  for (const char* wrong : {"sg", "sg=", "sg=maybe", "warp=on", "=on", ",", "sg=off;tx=off"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_offload(wrong), Error);
  }
}

TEST_CASE("a line of mountinfo") {
  const auto mount = parse_mount(
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - overlay a\\040b rw,lowerdir=/l1:/l2,upperdir=/u");
  REQUIRE(mount);
  CHECK(mount->id == 36);
  CHECK(mount->device == 98u << 20);
  CHECK(mount->filesystem == "overlay");
  CHECK(mount->source == "a b");
  CHECK(mount->options == std::vector<std::string>{"rw", "lowerdir=/l1:/l2", "upperdir=/u"});
  CHECK(parse_mount("27 1 254:0 / / rw - ext4 /dev/vda rw")->filesystem == "ext4");
  CHECK(!parse_mount(""));
  CHECK(!parse_mount("no mount"));
}

TEST_CASE("a sink's report, however it is cut") {
  const uint64_t hashes[] = {0x0a0a0a0a0a0a0a0a, 7};
  std::string text = "L 4711\nA\nE 70000 2 44\n";
  text.append(reinterpret_cast<const char*>(hashes), sizeof(hashes));
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    SinkReport report;
    for (size_t at = 0; at < text.size(); at += piece) {
      CHECK(!report.complete());
      report.add(std::string_view(text).substr(at, piece));
    }
    CHECK(report.port() == 4711);
    CHECK(report.accepted());
    CHECK(report.complete());
    CHECK(report.bytes() == 70000);
    CHECK(report.framing() == 44);
    CHECK(report.hashes() == std::vector<uint64_t>{hashes[0], hashes[1]});
  }
  CHECK_THROWS_AS(SinkReport().add("nonsense\n"), Error);
}

}  // namespace workload_parse_test
