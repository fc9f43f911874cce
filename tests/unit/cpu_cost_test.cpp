#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/error.h"
#include "model/summary/cpu_cost.h"
#include "model/summary/figure_rows.h"
#include "model/timeline/json_write.h"
#include "tests/unit/golden.h"
#include "tests/unit/read_document.h"
#include "tests/unit/timeline_samples.h"
#include "userspace/export/exporter.h"
#include "userspace/record/cpu_profile.h"

namespace cpu_cost_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

/// Innermost first, as the sampler has them.
void found(record::CpuProfile& profile, Side side, std::vector<std::string> frames, unsigned times, bool user = false) {
  for (unsigned i = 0; i < times; ++i) profile.add(side, frames, user);
}

/// 100 samples of the sender, 40 of them in a copy, and 10 of the receiver.
CpuCost cost(size_t most = record::CpuProfile::kMostStacks) {
  record::CpuProfile profile;
  found(profile, Side::sender, {"rep_movs_alternative", "_copy_to_iter", "filemap_read", "do_syscall_64"}, 40);
  found(profile, Side::sender, {"filemap_read", "do_syscall_64"}, 30);
  found(profile, Side::sender, {"aes_gcm_enc_update_aesni_avx", "tls_push_record", "do_syscall_64"}, 20);
  found(profile, Side::sender, {"[libc.so.6]"}, 9, true);
  found(profile, Side::sender, {"tcp_ack", "do_syscall_64"}, 1);
  found(profile, Side::receiver, {"_copy_to_iter", "do_syscall_64"}, 10);
  CpuCost cost;
  cost.hz = 4000;
  cost.passes = 3;
  cost.bytes = 3 * samples::kSize;
  cost.sender.cpu_ns = 24'000'000;
  cost.receiver.cpu_ns = 2'400'000;
  profile.write(cost, most);
  return cost;
}

Document sampled(CpuCost what = cost()) {
  auto document = samples::read_write();
  document.ledger.cpu_cost = std::move(what);
  return document;
}

/// Written and read again.
Document again(const Document& document, const std::function<void(std::string&)>& change = {}) {
  const auto path = std::filesystem::temp_directory_path() / ("zctrace-cpu-" + std::to_string(getpid()));
  write_document(path.string(), document);
  if (change) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    auto changed = text.str();
    change(changed);
    std::ofstream(path) << changed;
  }
  struct Gone {
    std::filesystem::path path;
    ~Gone() { std::filesystem::remove(path); }
  } gone{path};
  return read_document(path.string());
}

}  // namespace

TEST_CASE("Routines that copy and ciphers are known by their names on each kernel") {
  for (const char* name : {"copy_user_generic_string", "copy_user_enhanced_fast_string", "rep_movs_alternative",
                           "_copy_to_iter", "_copy_from_iter.cold", "memcpy", "__memcpy", "memcpy_orig", "copy_page"})
    CHECK_MESSAGE(work_of_kernel_routine(name) == CpuWork::copy, name);
  for (const char* name :
       {"aes_gcm_enc_update_vaes_avx2", "_aesni_enc4", "aesni_gcm_enc_avx_gen4", "ghash_blocks_pclmul"})
    CHECK_MESSAGE(work_of_kernel_routine(name) == CpuWork::transform, name);
  // Their names alone: what they do is to go through a page table, to duplicate a process, to find a page.
  for (const char* name :
       {"copy_page_range", "copy_process", "copy_page_to_iter", "clear_page_erms", "tcp_sendmsg_locked"})
    CHECK_MESSAGE(work_of_kernel_routine(name) == CpuWork::other, name);
  CHECK(work_of_program_part("[libcrypto.so.3]") == CpuWork::transform);
  CHECK(work_of_program_part("[libc.so.6]") == CpuWork::program);
}

TEST_CASE("A share comes with its error, also where nothing was found") {
  const auto copies = share_of(cost(), Side::sender, CpuWork::copy);
  REQUIRE(copies);
  CHECK(copies->part == doctest::Approx(0.40));
  CHECK(copies->error == doctest::Approx(0.094).epsilon(0.02));
  CHECK(share_of(cost(), Side::sender, CpuWork::transform)->part == doctest::Approx(0.20));
  CHECK(share_of(cost(), Side::sender, CpuWork::program)->part == doctest::Approx(0.09));
  const auto none = share_of(cost(), Side::receiver, CpuWork::transform);
  CHECK(none->part == 0);
  CHECK(none->error > 0.1);  // ten samples prove little
  CHECK_FALSE(share_of(CpuCost{}, Side::sender, CpuWork::copy));
  CHECK(cpu_ns_per_mib(cost(), Side::sender) == doctest::Approx(2e6));
}

TEST_CASE("Rare stacks are counted where they are not kept") {
  for (const size_t most : {100, 3, 1}) {
    const auto kept = cost(most);
    CHECK(kept.stacks.size() == std::min<size_t>(most, 6));
    CHECK(kept.cut_stacks == 6 - kept.stacks.size());
    for (const Side side : {Side::sender, Side::receiver}) {
      uint64_t samples = kept.cut_samples[static_cast<size_t>(side)];
      for (const auto& stack : kept.stacks)
        if (stack.side == side) samples += stack.samples;
      CHECK(samples == samples_of(kept, side));
    }
    CHECK(samples_of(kept, Side::sender) == 100);
    CHECK(samples_of(kept, Side::sender, CpuWork::copy) == 40);
  }
}

TEST_CASE("An instruction of a program is of the file that is mapped there") {
  record::Mappings mappings;
  mappings.add(
      "55d0c0000000-55d0c0010000 r-xp 00000000 08:01 12   /usr/bin/zctrace-workload\n"
      "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
      "7f0000002000-7f0000003000 r-xp 00000000 08:01 13   /usr/lib/x86_64-linux-gnu/libc.so.6\n"
      "7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0    [vdso]\nnonsense\n");
  CHECK(mappings.part_at(0x55d0c0000001) == "[zctrace-workload]");
  CHECK(mappings.part_at(0x7f0000000fff) == "[anonymous memory]");
  CHECK(mappings.part_at(0x7f0000001000) == "[program]");
  CHECK(mappings.part_at(0x7f0000002000) == "[libc.so.6]");
  CHECK(mappings.part_at(0x7ffd00000000) == "[vdso]");
  CHECK(mappings.part_at(1) == "[program]");
}

TEST_CASE("The cost is in the document, and comes back from it") {
  auto document = sampled(cost(4));
  document.ledger.cpu_cost->sender.events = {12, 34, 5};
  document.ledger.cpu_cost->lost = 2;
  const auto read = again(document).ledger.cpu_cost;
  REQUIRE(read);
  CHECK(read->hz == 4000);
  CHECK(read->passes == 3);
  CHECK(read->lost == 2);
  CHECK(read->cut_stacks == 2);
  CHECK(read->sender.events->instructions == 34);
  CHECK_FALSE(read->receiver.events);
  for (const Side side : {Side::sender, Side::receiver}) {
    CHECK(read->of(side).cpu_ns == cost().of(side).cpu_ns);
    CHECK(samples_of(*read, side, CpuWork::copy) == samples_of(cost(), side, CpuWork::copy));
  }
  REQUIRE(read->stacks.size() == 4);
  CHECK(read->routines[read->stacks[0].frames.back()].name == "rep_movs_alternative");
  CHECK_FALSE(again(samples::read_write()).ledger.cpu_cost);
  const auto wrong = [](std::string& text) { text.replace(text.find("\"frames\":[") + 10, 1, "99"); };
  CHECK_THROWS_WITH_AS(again(document, wrong), doctest::Contains("a frame is no routine's number"), Error);
}

TEST_CASE("Folded stacks: the outermost first, kernel functions marked, the rest counted") {
  std::string text;
  const auto exporter = exports::format_named("folded")->make([&](std::string_view more) { text += more; });
  auto document = sampled(cost(5)), plain = samples::sendfile(true);
  exporter->add(document, "a.json");
  exporter->finish();
  CHECK(text == approved("stacks.folded", text));
  CHECK(exports::format_of("a.folded") == exports::format_named("folded"));
  CHECK_THROWS_WITH_AS(exporter->add(plain, "b.json"), "b.json: holds no stacks", Error);
}

TEST_CASE("What it costs is said in a line for each side, as sampled, and as emulated where it was") {
  auto document = sampled();
  document.run.kernel.where = "host";
  auto lines = summary::cpu_lines(document.run, document.ledger, Language::english);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].text ==
        "~2.00 ms per MiB, 40% ± 9 in copy routines, 20% ± 8 in ciphers, 9% ± 6 in user mode "
        "(sampled: 100 samples in 3 passes, nothing traced)");
  CHECK(lines[1].text.starts_with("~200 µs per MiB, 100% ± "));
  document.run.kernel.where = "lab";
  lines = summary::cpu_lines(document.run, document.ledger, Language::english);
  CHECK(lines[0].text.starts_with("40% ± 9 in copy routines, "));  // the emulator's time would say the wrong thing
  CHECK(lines[0].text.find("on an emulated processor") != std::string::npos);
  document.run.judged = Side::receiver;
  CHECK(summary::cpu_lines(document.run, document.ledger, Language::chinese)[0].side == Side::receiver);
  CHECK(summary::cpu_lines(document.run, samples::read_write().ledger, Language::english).empty());
}

TEST_CASE("Runs are compared by what they cost, and one that was not sampled is unknown") {
  const std::vector<Measured> runs{{sampled().run, sampled().ledger},
                                   {samples::sendfile(true).run, samples::sendfile(true).ledger}};
  bool seen = false;
  for (const auto& row : summary::figure_rows(runs, Language::english)) {
    if (row.head.id != "cpu_cost/copy_share") continue;
    seen = true;
    CHECK(row.cells[0].value == "~40%");
    CHECK(row.cells[0].evidence == Evidence::sampled);
    CHECK(row.cells[1].evidence == Evidence::none);
  }
  CHECK(seen);
}

}  // namespace cpu_cost_test
