#include <bpf/btf.h>
#include <doctest/doctest.h>

#include <set>

#include "model/timeline/names.h"
#include "userspace/capture/event_log.h"
#include "userspace/capture/evidence.h"
#include "userspace/capture/features.h"
#include "userspace/capture/kallsyms.h"
#include "userspace/capture/mirrored.h"
#include "userspace/capture/probes.h"
#include "userspace/capture/type_names.h"

namespace capture_test {

using namespace zctrace;
using namespace zctrace::capture;

namespace {

Session::Edge edge(zc_role role, zc_end from, zc_end to, zc_mechanism mechanism, zc_probe probe, uint64_t bytes,
                   zc_context context = ZC_SYSCALL) {
  zc_edge key{};
  key.role = static_cast<uint8_t>(role);
  key.from = static_cast<uint8_t>(from);
  key.to = static_cast<uint8_t>(to);
  key.context = static_cast<uint8_t>(context);
  key.mechanism = static_cast<uint8_t>(mechanism);
  key.probe = static_cast<uint16_t>(probe);
  return {key, {bytes, 1}};
}

std::string probe_name(unsigned probe) { return name_of(static_cast<zc_probe>(probe)); }

}  // namespace

TEST_CASE("every row of the hooks has a program whose section says how it is attached") {
  std::set<std::string> targets;
  for (const Probe& probe : probes()) {
    CAPTURE(probe.program);
    CHECK(!probe.target.empty());
    CHECK(find_probe(probe.id) == &probe);
    CHECK(name_of(probe.id) == probe.target);
    if (probe.kind == Kind::breakpoint) CHECK(probe.layer == Layer::leaf);
    targets.insert(std::string(text_of(probe.kind)) + "/" + probe.target);
  }
  CHECK(probes().size() == ZC_P_MMAP - 1);  // the numbers before it are the hooks'
  CHECK(targets.contains("breakpoint/_copy_to_iter"));
  CHECK(targets.contains("fexit/filemap_read"));
  CHECK(targets.contains("fentry/__pskb_pull_tail"));
  CHECK(targets.contains("tracepoint/sys_enter"));
  CHECK(targets.contains("tracepoint/sched_switch"));
}

namespace {

/// A kernel that has some features only.
struct FakeKernel {
  std::set<Feature> features;
  bool has(Feature feature) const { return features.contains(feature); }
};

std::set<std::string> programs_of(const FakeKernel& kernel) {
  std::set<std::string> programs;
  for (const Probe& probe : probes())
    if (probe.when.holds(kernel)) programs.insert(probe.program);
  return programs;
}

}  // namespace

TEST_CASE("a kernel without a feature gets the hooks that do without it") {
  const auto with = programs_of({{Feature::bpf_find_vma, Feature::filemap_read}});
  CHECK(with.contains("sys_enter"));
  CHECK(!with.contains("sys_enter_before_5_17"));
  CHECK(!with.contains("sum_generic_file_buffered_read"));
  CHECK(!with.contains("sys_enter_by_perf"));
  const auto preempted = programs_of({{Feature::bpf_find_vma, Feature::preempted_raw_tracepoints}});
  CHECK(preempted.contains("sys_enter_by_perf"));
  CHECK(!preempted.contains("sys_enter"));
  const auto without = programs_of({});
  CHECK(!without.contains("sys_exit"));
  CHECK(without.contains("sys_exit_before_5_17"));
  CHECK(without.contains("sum_generic_file_buffered_read"));
  CHECK(without.contains("break_old_copy_page_to_iter"));
}

TEST_CASE("types are found by name and kind, in a module's types and in the kernel's below them") {
  btf* const kernel_types = btf__new_empty();
  const int structure = btf__add_struct(kernel_types, "file", 8);
  const int again = btf__add_struct(kernel_types, "file", 16);
  const int prototype = btf__add_func_proto(kernel_types, 0);
  const int function = btf__add_func(kernel_types, "file", BTF_FUNC_STATIC, prototype);
  TypeNames kernel(kernel_types);
  btf* const module_types = btf__new_empty_split(kernel_types);
  const int own = btf__add_typedef(module_types, "handle", structure);
  const TypeNames module(module_types, &kernel);
  REQUIRE(again > structure);
  CHECK(kernel.find("file", BTF_KIND_STRUCT) == structure);
  CHECK(kernel.find("file", BTF_KIND_FUNC) == function);
  CHECK(kernel.find("file", BTF_KIND_TYPEDEF) < 0);
  CHECK(kernel.find("handle", BTF_KIND_TYPEDEF) < 0);
  CHECK(module.find("handle", BTF_KIND_TYPEDEF) == own);
  CHECK(module.find("file", BTF_KIND_FUNC) == function);
}

TEST_CASE("a feature that is switched off is missing, and the reason says so") {
  const KernelSymbols symbols;
  const KernelFeatures all(symbols, {}), without(symbols, features_without("bpf_find_vma,fentry"));
  CHECK(all.has(Feature::bpf_find_vma) == symbols.has("bpf_find_vma"));
  CHECK(all.has(Feature::btf) == symbols.has_btf());
  CHECK(!without.has(Feature::bpf_find_vma));
  CHECK(without.why_not(Feature::fentry) == message(Text::reason_switched_off));
  CHECK(without.has(Feature::filemap_read) == all.has(Feature::filemap_read));
  CHECK(features_without("").empty());
  CHECK_THROWS_WITH(features_without("bpf_find_vma,bpf_find_vna"), "ZCTRACE_WITHOUT: unknown feature \"bpf_find_vna\"");
}

TEST_CASE("each feature cites the kernel and the commit that brought it, or neither") {
  for (const FeatureRow& row : feature_table()) {
    CAPTURE(row.name);
    CHECK(&row == &feature_table().at(static_cast<size_t>(row.feature)));
    const std::string commit = row.commit;
    CHECK(commit.empty() == (*row.since == 0));
    CHECK((commit.empty() || commit.size() == 12));
    CHECK(commit.find_first_not_of("0123456789abcdef") == commit.npos);
    CHECK(*row.use != 0);
  }
}

TEST_CASE("no kernel needs more breakpoints than there are debug registers") {
  for (const Sink sink : {Sink::pipe, Sink::other}) {
    size_t old_kernels = 0, since_5_14 = 0;
    for (const Probe& probe : probes()) {
      if (probe.kind != Kind::breakpoint || (probe.sink != Sink::any && probe.sink != sink)) continue;
      // Functions that only one of the two families of leaves has.
      const bool old_only = probe.target == "iov_iter_copy_from_user_atomic";
      const bool new_only = probe.target.find("_from_iter_atomic") != std::string::npos;
      if (probe.when.holds(FakeKernel{}) && !new_only) old_kernels++;
      if (probe.when.holds(FakeKernel{{Feature::advancing_iterators}}) && !old_only) since_5_14++;
    }
    CHECK(old_kernels == 4);
    CHECK(since_5_14 <= 4);
  }
}

TEST_CASE("the record's values are the document's") {
  using namespace timeline;
  CHECK(to_end(ZC_SOCKET_BUFFER) == End::socket_buffer);
  CHECK(text(to_end(uint8_t{ZC_PAGE_CACHE})) == "page cache");
  CHECK(to_record(Mover::reference) == ZC_REFERENCE);
  CHECK(text(to_event_kind(ZC_K_MARK)) == "mark");
  CHECK(text(to_flow_method(ZC_ONLY_WRITE)) == "write");
  CHECK_THROWS(to_side(ZC_ROLES));
  CHECK_THROWS(to_flow_link(99u));
  CHECK_THROWS(to_context(103u));
}

TEST_CASE("two counts of one edge are compared, whatever their contexts") {
  const auto rows = compare(
      {
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_USER_BUFFER, ZC_LEAF, ZC_P_break_copy_to_iter, 4000),
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_USER_BUFFER, ZC_LEAF, ZC_P_break_copy_to_iter, 96, ZC_WORKER),
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_USER_BUFFER, ZC_SUM, ZC_P_sum_filemap_read, 4096),
      },
      probe_name);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].breakpoint_bytes == 4096);
  CHECK(rows[0].ftrace_bytes == 4096);
  CHECK(rows[0].by_breakpoint == "_copy_to_iter");
  CHECK(rows[0].by_ftrace == "filemap_read");
  CHECK(rows[0].agree());
}

TEST_CASE("one byte of difference is a disagreement, and so is a count that only one saw") {
  const auto rows = compare(
      {
          edge(ZC_SENDER, ZC_USER_BUFFER, ZC_SOCKET_BUFFER, ZC_LEAF, ZC_P_break_copy_from_iter, 4096),
          edge(ZC_SENDER, ZC_USER_BUFFER, ZC_SOCKET_BUFFER, ZC_SUM, ZC_P_sum_tcp_sendmsg_locked, 4095),
          edge(ZC_RECEIVER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_LEAF, ZC_P_break_copy_to_iter, 10),
          edge(ZC_SENDER, ZC_PIPE, ZC_USER_BUFFER, ZC_SUM, ZC_P_sum_pipe_read, 7),
      },
      probe_name);
  REQUIRE(rows.size() == 3);
  for (const auto& row : rows) CHECK(!row.agree());
}

TEST_CASE("a disagreement on one edge doubts the copies on that edge alone") {
  using namespace timeline;
  const auto copy = [](Side side, End from, End to, Mover by, Evidence evidence) {
    Copy one{};
    one.side = side;
    one.from = from;
    one.to = to;
    one.by = by;
    one.evidence = evidence;
    return one;
  };
  std::vector<Copy> copies{
      copy(Side::sender, End::socket_buffer, End::user_buffer, Mover::cpu, Evidence::exact),
      copy(Side::receiver, End::socket_buffer, End::user_buffer, Mover::cpu, Evidence::exact),
      copy(Side::sender, End::socket_buffer, End::user_buffer, Mover::reference, Evidence::exact),
      copy(Side::sender, End::user_buffer, End::page_cache, Mover::cpu, Evidence::exact),
      copy(Side::sender, End::socket_buffer, End::user_buffer, Mover::cpu, Evidence::inferred),
  };
  const std::vector<CrossCheck> rows{
      {Side::sender, End::socket_buffer, End::user_buffer, "_copy_to_iter", "skb_copy_datagram_iter", 8107845, 8105978},
      {Side::sender, End::user_buffer, End::page_cache, "copy_page_from_iter_atomic", "generic_perform_write", 7, 7}};
  std::vector<Copy> explained = copies;
  doubt_disagreeing(rows, {{*find_probe(ZC_P_sum_skb_copy_datagram_iter), 1}}, explained);
  CHECK(explained[0].evidence == Evidence::at_least);  // the kernel skipped what the second count lacks
  doubt_disagreeing(rows, {{*find_probe(ZC_P_sum_pipe_read), 1}}, copies);
  CHECK(copies[0].evidence == Evidence::sampled);
  CHECK(copies[1].evidence == Evidence::exact);
  CHECK(copies[2].evidence == Evidence::exact);
  CHECK(copies[3].evidence == Evidence::exact);
  CHECK(copies[4].evidence == std::max(Evidence::sampled, Evidence::inferred));
}

TEST_CASE("sender and receiver are kept apart, and what has no second count is not compared") {
  const auto rows = compare(
      {
          edge(ZC_SENDER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_LEAF, ZC_P_break_copy_to_iter, 1),
          edge(ZC_SENDER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_SUM, ZC_P_sum_skb_copy_datagram_iter, 1),
          edge(ZC_RECEIVER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_LEAF, ZC_P_break_copy_to_iter, 2),
          edge(ZC_RECEIVER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_SUM, ZC_P_sum_skb_copy_datagram_iter, 2),
          edge(ZC_SENDER, ZC_SOCKET_BUFFER, ZC_SOCKET_BUFFER, ZC_LEAF, ZC_P_leaf_skb_copy_bits, 99, ZC_SOFTIRQ),
          edge(ZC_SENDER, ZC_DISK, ZC_PAGE_CACHE, ZC_EVENT, ZC_P_block_rq_complete, 99, ZC_SOFTIRQ),
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_SOCKET_BUFFER, ZC_INFERRED, ZC_P_CALL_RESULT, 99),
      },
      probe_name);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].side == timeline::Side::sender);
  CHECK(rows[1].side == timeline::Side::receiver);
  for (const auto& row : rows) CHECK(row.agree());
}

namespace {

zc_record record_at(uint64_t t, zc_kind kind, unsigned probe) {
  zc_record record{};
  record.t = t;
  record.dur = 10;
  record.kind = static_cast<uint8_t>(kind);
  record.probe = static_cast<uint16_t>(probe);
  return record;
}

}  // namespace

TEST_CASE("events come in time order, from the run's start; a wait that began before is cut there") {
  EventLog log(10, probe_name);
  log.add(record_at(1100, ZC_K_SYSCALL, 1));
  log.add(record_at(1050, ZC_K_SYSCALL, 0));
  log.add(record_at(995, ZC_K_OFF_CPU, 1));
  timeline::Document document;
  log.move_to(document, 1000);
  REQUIRE(document.events.size() == 3);
  CHECK(document.events[0].t_ns == 0);
  CHECK(document.events[0].dur_ns == 5);
  CHECK(document.names[document.events[0].name] == "voluntary");
  CHECK(document.names[document.events[1].name] == "read");
  CHECK(document.events[1].t_ns == 50);
  CHECK(document.names[document.events[2].name] == "write");
  CHECK(document.events[2].dur_ns == 10);
}

TEST_CASE("an empty send queue is marked only where there is a device to have one") {
  for (const std::string device : {"", "eth0"}) {
    EventLog log(10, probe_name);
    log.set_device(device);
    log.add(record_at(1100, ZC_K_MARK, ZC_M_END));
    log.add(record_at(1200, ZC_K_MARK, ZC_M_DRAINED));
    timeline::Document document;
    log.move_to(document, 1000);
    REQUIRE(document.events.size() == (device.empty() ? 1 : 2));
    CHECK(document.names[document.events[0].name] == "transfer ends");
  }
}

TEST_CASE("a disk request tells where in the file its bytes lie, where that is one place") {
  const std::vector<FilePart> parts{{1000, 8, 0}, {2000, 16, 4096}, {500, 8, 12288}, {500, 4, 16384}};
  CHECK(file_offset(parts, 1000, 4096) == 0u);
  CHECK(file_offset(parts, 996, 4096) == 0u);  // it begins before the file
  CHECK(file_offset(parts, 2008, 4096) == 8192u);
  CHECK(file_offset(parts, 3000, 4096) == std::nullopt);
  CHECK(file_offset(parts, 500, 2048) == std::nullopt);  // two parts of the file share these blocks
  CHECK(file_offset(parts, 504, 2048) == 14336u);

  EventLog log(10, probe_name);
  log.set_file(parts);
  for (const int64_t sector : {2000, 9}) {
    zc_record record = record_at(1000, ZC_K_DISK, 0);
    record.result = sector;
    record.bytes = 4096;
    log.add(record);
  }
  timeline::Document document;
  log.move_to(document, 0);
  REQUIRE(document.events.size() == 2);
  CHECK(document.events[0].result == 4096);
  CHECK(document.events[1].result == -1);
}

TEST_CASE("what finds no room is counted by kind, exactly") {
  EventLog log(2, probe_name);
  for (int i = 0; i < 5; i++) log.add(record_at(1, ZC_K_SYSCALL, 0));
  log.add(record_at(1, ZC_K_TRANSMIT, 0));
  CHECK(log.dropped()[ZC_K_SYSCALL] == 3);
  CHECK(log.dropped()[ZC_K_TRANSMIT] == 1);
  log.clear();
  CHECK(log.dropped()[ZC_K_SYSCALL] == 0);
}

TEST_CASE("a copy folded into a call keeps its function; an inferred one takes the call's name") {
  EventLog log(2, probe_name);
  zc_record record = record_at(5, ZC_K_SYSCALL, 0);
  record.folded[0] = {.probe = ZC_P_break_copy_to_iter,
                      .from = ZC_PAGE_CACHE,
                      .to = ZC_USER_BUFFER,
                      .by = ZC_CPU,
                      .pad = {},
                      .calls = 16,
                      .at = 3,
                      .bytes = 65536};
  record.folded[1] = {.probe = ZC_P_CALL_RESULT,
                      .from = ZC_PIPE,
                      .to = ZC_SOCKET_BUFFER,
                      .by = ZC_REFERENCE,
                      .pad = {},
                      .calls = 1,
                      .at = 4,
                      .bytes = 7};
  log.add(record);
  timeline::Document document;
  log.move_to(document, 0);
  const timeline::Event& event = document.events.at(0);
  CHECK(document.names[event.folded[0].function] == "_copy_to_iter");
  CHECK(event.folded[0].bytes == 65536);
  CHECK(event.folded[0].calls == 16);
  CHECK(document.names[event.folded[1].function] == "read");
  CHECK(event.folded[1].to == timeline::End::socket_buffer);
}

TEST_CASE("symbols are read from lines as the kernel writes them, and from others") {
  std::vector<std::string> found;
  each_symbol_in(
      "ffffffff81000000 T _text\nffffffffc0000000 t nvme_irq\t[nvme]\n\nno symbol\n0 t\n0 t cut\t\n1 d x\t[y",
      [&](const KernelSymbol& symbol) { found.push_back(std::string(symbol.name) + "/" + std::string(symbol.module)); });
  CHECK(found == std::vector<std::string>{"_text/", "nvme_irq/nvme", "mbol/", "cut/", "x/y"});
}

TEST_CASE("more names than an event can tell apart: the last ones are unknown, and none is another's") {
  EventLog log(100'000, [](unsigned) { return "hook"; });
  zc_record record{};
  record.kind = ZC_K_SYSCALL;
  for (unsigned number = 0; number <= UINT16_MAX; ++number) {
    record.t = number;
    record.probe = static_cast<uint16_t>(number);
    log.add(record);
  }
  record.t++;
  record.kind = ZC_K_OFF_CPU;
  log.add(record);
  timeline::Document document;
  log.move_to(document, 0);
  REQUIRE(document.names.size() == UINT16_MAX + 1);
  for (const unsigned number : {0u, 1u, 999u, 60'000u})
    CHECK(document.names[document.events[number].name] == syscall_name(number));
  CHECK(document.names[document.events.back().name] == "unknown");
}

}  // namespace capture_test
