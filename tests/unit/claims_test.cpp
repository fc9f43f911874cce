#include <doctest/doctest.h>

#include "model/claims/method_claims.h"
#include "workloads/run/registry.h"

namespace claims_test {

using namespace zctrace;
using namespace zctrace::claims;

TEST_CASE("scatter-gather decides which claim of sendfile a run is held against") {
  CHECK(claim_for("sendfile", false)->id == "S1");
  CHECK(claim_for("sendfile", false)->cpu_copies == 1u);
  CHECK(claim_for("sendfile", true)->id == "S2");
  CHECK(claim_for("sendfile", true)->cpu_copies == 0u);
  CHECK(claim_for("read_write", true) == claim_for("read_write", false));
  CHECK(claim_for("no_such", true) == nullptr);
}

TEST_CASE("claims in words") {
  CHECK(figures_text(*claim_for("read_write", true), Language::english, false) ==
        "2 CPU copies, 4 mode switches, 2 DMA copies");
  CHECK(figures_text(*claim_for("sendfile", false), Language::english, true) ==
        "1 CPU copy, 2 mode switches (called context switches), 2 DMA copies");
  CHECK(figures_text(*claim_for("tee", true), Language::english, true) == "like splice, and both ends must be pipes");
  CHECK(figures_text(*claim_for("direct_io", true), Language::english, true) == "0 CPU copies (on the read side)");
  CHECK(method_title("mmap_write", Language::english) == "mmap + write");
  CHECK(method_title("splice", Language::english) == "splice");
  CHECK(figures_text(*claim_for("read_write", true), Language::chinese, true) ==
        "2 次 CPU 拷贝，4 次模式切换（称上下文切换），2 次 DMA 拷贝");
  CHECK(method_title("direct_io", Language::chinese) == "直接 I/O + write");
}

TEST_CASE("every claim is of a method that exists, under an id of its own") {
  for (const auto& claim : method_claims()) {
    CAPTURE(claim.id);
    CHECK(workloads::find_method(claim.method) != nullptr);
    int same = 0;
    for (const auto& other : method_claims()) same += other.id == claim.id;
    CHECK(same == 1);
    CHECK(!claim.textbooks.empty());
  }
}

}  // namespace claims_test
