#include <doctest/doctest.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/error.h"
#include "model/summary/copy_stacks.h"
#include "model/timeline/json_write.h"
#include "tests/unit/program_samples.h"
#include "tests/unit/read_document.h"
#include "userspace/capture/code_maps.h"
#include "userspace/capture/unwinder.h"
#include "userspace/export/exporter.h"

namespace copy_stacks_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

constexpr uint64_t kMiB = 1 << 20;

/// 6 MiB read and written; of the writes 1 MiB with a stack that is not known.
Document copying() {
  auto document = samples::program({"serve"});
  auto& flow = samples::add(document,
                            {samples::file("/data/big", 7),
                             samples::socket("tcp 10.0.0.1:80 - 10.0.0.2:41000", 9),
                             {samples::part(FlowMethod::read_write, FlowLink::buffer, 6 * kMiB, 96, 2)}},
                            End::page_cache, End::user_buffer);
  flow.copied_by = {{0, 6 * kMiB, 96}, {1, 4 * kMiB, 64}, {2, kMiB, 16}};
  CopyStacks all;
  all.modules = {{"/usr/bin/serve", "0123456789abcdef"}, {"/usr/lib/libc.so.6", ""}};
  all.frames = {{"main", false, 0, 0x1000},         {"", false, 0, 0x4a5b0},       {"read", false, 1, 0x900},
                {"vfs_read", true, {}, 0},          {"filemap_read", true, {}, 0}, {"a;b", false, {}, 0x7f0000001000},
                {"tcp_sendmsg_locked", true, {}, 0}};
  all.stacks = {
      {"serve", StackEnd::whole, {0, 1, 2, 3, 4}}, {"serve", StackEnd::unknown, {5, 6}}, {"", StackEnd::softirq, {6}}};
  all.lost = 3;
  document.ledger.copy_stacks = all;
  return document;
}

/// Written and read again.
Ledger again(const Document& document, const std::function<void(std::string&)>& change = {}) {
  const auto path = std::filesystem::temp_directory_path() / ("zctrace-stacks-" + std::to_string(getpid()));
  struct Gone {
    std::filesystem::path path;
    ~Gone() { std::filesystem::remove(path); }
  } gone{path};
  write_document(path.string(), document);
  if (change) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    auto changed = text.str();
    change(changed);
    std::ofstream(path) << changed;
  }
  return read_document(path.string()).ledger;
}

}  // namespace

TEST_CASE("Which code copied is in the document, and comes back from it") {
  const auto ledger = again(copying());
  REQUIRE(ledger.copy_stacks);
  const CopyStacks& all = *ledger.copy_stacks;
  CHECK(all.lost == 3);
  CHECK_FALSE(all.at_calls);
  CHECK(all.modules.at(0).build_id == "0123456789abcdef");
  CHECK(all.frames.at(1).module == 0u);
  CHECK(all.frames.at(1).offset == 0x4a5b0);
  CHECK_FALSE(all.frames.at(5).module);
  CHECK(all.stacks.at(1).end == StackEnd::unknown);
  CHECK(all.stacks.at(0).frames == std::vector<uint32_t>{0, 1, 2, 3, 4});
  CHECK(ledger.flows->list.at(0).copied_by.at(1).calls == 64);
  CHECK_FALSE(again(samples::nginx()).copy_stacks);
}

TEST_CASE("Numbers that are none's are refused") {
  const auto wrong = [](std::string_view what, std::string_view by) {
    return [=](std::string& text) {
      const size_t at = text.find(what);
      REQUIRE(at != text.npos);
      text.replace(at, what.size(), by);
    };
  };
  CHECK_THROWS_WITH_AS(again(copying(), wrong("\"frames\":[5,6]", "\"frames\":[5,99]")),
                       doctest::Contains("a frame is none's number"), Error);
  CHECK_THROWS_WITH_AS(again(copying(), wrong("{\"stack\":2,", "{\"stack\":9,")),
                       doctest::Contains("a stack that is not there"), Error);
  CHECK_THROWS_WITH_AS(again(copying(), wrong("\"module\":1,", "\"module\":7,")),
                       doctest::Contains("a module is none's number"), Error);
}

TEST_CASE("The heaviest stacks are said with their flow, both parts, and where they end") {
  const auto document = copying();
  const auto said = summary::heaviest_stacks(document.ledger, Language::english);
  REQUIRE(said.list.size() == 3);
  CHECK(said.list[0].amount == "6.00 MiB of 12.0 MiB (50%) in 96 calls");
  CHECK(said.list[0].lines == std::vector<std::string>{"/data/big → tcp 10.0.0.1:80 - 10.0.0.2:41000",
                                                       "in serve: main (serve) > [serve]+0x4a5b0 > read (libc.so.6)",
                                                       "in the kernel: vfs_read > filemap_read"});
  CHECK(said.list[1].lines.back() == "ends early: no frame pointers, no unwind information");
  CHECK(said.list[2].lines.back() == "no program: a softirq");
  CHECK(said.remarks == std::vector<std::string>{"1.00 MiB of 12.0 MiB: not known by which code"});
  CHECK(summary::heaviest_stacks(document.ledger, Language::chinese, 1).remarks.at(0) == "另有 5.00 MiB，在 2 个栈中");
  CHECK(summary::heaviest_stacks(samples::nginx().ledger, Language::english).list.empty());
}

TEST_CASE("Folded stacks of copies hold each copied byte") {
  std::string text;
  const auto exporter = exports::format_named("folded")->make([&](std::string_view more) { text += more; });
  auto document = copying();
  exporter->add(document, "a.json");
  exporter->finish();
  CHECK(text ==
        "serve;main (serve);[serve]+0x4a5b0;read (libc.so.6);vfs_read_[k];filemap_read_[k] 6291456\n"
        "serve;[callers not known];a_b;tcp_sendmsg_locked_[k] 4194304\n"
        "[softirq];tcp_sendmsg_locked_[k] 1048576\n"
        "[stack not known] 1048576\n");
}

TEST_CASE("A process's code is read from /proc") {
  capture::CodeSpace space;
  const auto add = [&](std::string_view line) { capture::CodeMaps::add_line(space, line); };
  add("55d0c0000000-55d0c0010000 r-xp 00002000 08:01 12   /usr/bin/a program");
  add("55d0c0010000-55d0c0020000 rw-p 00012000 08:01 12   /usr/bin/a program");
  add("7f0000000000-7f0000001000 rwxp 00000000 00:00 0 ");
  add("7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0    [vdso]");
  add("nonsense");
  REQUIRE(space.mappings.size() == 1);
  CHECK(space.mappings.at(0x55d0c0000000).path == "/usr/bin/a program");
  CHECK(space.mappings.at(0x55d0c0000000).offset == 0x2000);
  CHECK(space.program == "/usr/bin/a program");
  // What is mapped later covers what was there.
  add("55d0c000f000-55d0c0011000 r-xp 00000000 08:01 13   /usr/lib/other.so");
  CHECK(space.mappings.size() == 1);
  CHECK(space.mappings.contains(0x55d0c000f000));
}

namespace {

/// As the hook takes it, of this thread here: whole frames, which AddressSanitizer would not let be read.
[[gnu::noinline, gnu::no_sanitize("address", "undefined")]] void take_own_stack(zc_stack& stack) {
  ucontext_t here;
  REQUIRE(getcontext(&here) == 0);
  const auto reg = [&](int number) { return static_cast<uint64_t>(here.uc_mcontext.gregs[number]); };
  const int order[] = {REG_R15, REG_R14, REG_R13, REG_R12, REG_RBP, REG_RBX, REG_R11, REG_R10, REG_R9,
                       REG_R8,  REG_RAX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RAX, REG_RIP};
  for (size_t i = 0; i < std::size(order); ++i) stack.registers[i] = reg(order[i]);
  stack.registers[ZC_REG_SP] = reg(REG_RSP);
  stack.memory_bytes = 2048;
  const auto* memory = reinterpret_cast<const volatile uint8_t*>(reg(REG_RSP));
  for (size_t i = 0; i < stack.memory_bytes; ++i) stack.memory[i] = memory[i];
}
[[gnu::noinline]] void calls_taker(zc_stack& stack) {
  take_own_stack(stack);
  asm volatile("" ::: "memory");
}

}  // namespace

TEST_CASE("A stack is followed by unwind information, and says where what was kept of it ends") {
  auto stack = std::make_unique<zc_stack>();
  calls_taker(*stack);
  capture::CodeMaps maps;
  maps.add_running(getpid());
  const auto space = maps.space_of(getpid(), 1);
  REQUIRE(space);
  capture::Unwinder unwinder(space);
  const auto followed = unwinder.follow(*stack);
  REQUIRE(followed.frames.size() > 2);
  CHECK(followed.frames[0].name.find("take_own_stack") != std::string::npos);
  CHECK(followed.frames[1].name.find("calls_taker") != std::string::npos);
  CHECK(followed.frames[1].path.ends_with("unit_tests"));
  CHECK(followed.frames[1].offset != 0);
  stack->memory_bytes = 16;
  const auto cut = unwinder.follow(*stack);
  CHECK(cut.frames.size() == 1);
  CHECK(cut.end == StackEnd::deep);
  // Registers that no code belongs to: one frame, and no word of callers.
  auto nowhere = std::make_unique<zc_stack>();
  nowhere->registers[ZC_REG_IP] = 0x1000;
  const auto lost = unwinder.follow(*nowhere);
  CHECK(lost.frames.size() == 1);
  CHECK(lost.frames[0].name.empty());
  CHECK(lost.end == StackEnd::unknown);
}

}  // namespace copy_stacks_test
