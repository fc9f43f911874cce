#include <bpf/libbpf.h>
#include <doctest/doctest.h>

#include <set>

#include "model/timeline/names.h"
#include "userspace/capture/event_log.h"
#include "userspace/capture/evidence.h"
#include "userspace/capture/probes.h"
#include "zctrace.skel.h"

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

TEST_CASE("every hook has a row, and every row a program of its kind") {
  std::set<unsigned> with_row;
  zctrace_bpf* bpf = zctrace_bpf__open();
  REQUIRE(bpf);
  std::set<std::string> used;
  for (const Probe& probe : probes()) {
    CAPTURE(probe.program);
    with_row.insert(probe.id);
    CHECK(used.insert(probe.program).second);
    const bpf_program* program = bpf_object__find_program_by_name(bpf->obj, probe.program);
    REQUIRE(program);
    const std::string section = bpf_program__section_name(program);
    const std::string target = probe.target;
    if (probe.kind == Kind::breakpoint) CHECK(section == "perf_event");
    if (probe.kind == Kind::fentry) CHECK(section == "fentry/" + target);
    if (probe.kind == Kind::fexit) CHECK(section == "fexit/" + target);
    if (probe.kind == Kind::tracepoint) CHECK(section == "raw_tp/" + target);
    if (probe.kind == Kind::perf_tracepoint) CHECK(section == "tp/raw_syscalls/" + target);
  }
  size_t programs = 0;
  bpf_program* program;
  bpf_object__for_each_program(program, bpf->obj) programs++;
  CHECK(programs == used.size());
  zctrace_bpf__destroy(bpf);
  for (unsigned id = ZC_P_NONE + 1; id < ZC_PROBES; id++) {
    CAPTURE(id);
    CHECK((with_row.contains(id) || id == ZC_P_MMAP));
  }
}

TEST_CASE("no kernel needs more breakpoints than there are debug registers") {
  for (const Sink sink : {Sink::pipe, Sink::other}) {
    size_t old_kernels = 0, since_5_14 = 0;
    for (const Probe& probe : probes()) {
      if (probe.kind != Kind::breakpoint || (probe.sink != Sink::any && probe.sink != sink)) continue;
      const bool old_only = *probe.only_with || std::string(probe.target) == "iov_iter_copy_from_user_atomic";
      if (old_only) old_kernels++;
      if (!old_only) since_5_14++;
      if (!old_only && !*probe.not_with && std::string(probe.target) == "_copy_to_iter") old_kernels++;
    }
    CHECK(old_kernels == 4);
    CHECK(since_5_14 <= 4);
  }
}

TEST_CASE("the record's words are the document's, in the same order") {
  using namespace timeline;
  CHECK(text(static_cast<End>(ZC_DISK)) == "disk");
  CHECK(text(static_cast<End>(ZC_PAGE_CACHE)) == "page cache");
  CHECK(text(static_cast<End>(ZC_USER_BUFFER)) == "user buffer");
  CHECK(text(static_cast<End>(ZC_PIPE)) == "pipe");
  CHECK(text(static_cast<End>(ZC_SOCKET_BUFFER)) == "socket buffer");
  CHECK(text(static_cast<End>(ZC_NIC)) == "nic");
  CHECK(text(static_cast<End>(ZC_FILE)) == "file");
  CHECK(text(static_cast<Mover>(ZC_CPU)) == "cpu");
  CHECK(text(static_cast<Mover>(ZC_DMA)) == "dma");
  CHECK(text(static_cast<Mover>(ZC_REFERENCE)) == "reference");
  CHECK(text(static_cast<Context>(ZC_SYSCALL)) == "syscall");
  CHECK(text(static_cast<Context>(ZC_SOFTIRQ)) == "softirq");
  CHECK(text(static_cast<Context>(ZC_WORKER)) == "worker");
  CHECK(text(static_cast<Side>(ZC_RECEIVER)) == "receiver");
  CHECK(text(static_cast<EventKind>(ZC_K_MARK)) == "mark");
}

TEST_CASE("two counts of one edge are compared, whatever their contexts") {
  const auto rows = compare(
      {
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_USER_BUFFER, ZC_LEAF, ZC_P_COPY_TO_ITER, 4000),
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_USER_BUFFER, ZC_LEAF, ZC_P_COPY_TO_ITER, 96, ZC_WORKER),
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_USER_BUFFER, ZC_SUM, ZC_P_FILEMAP_READ, 4096),
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
          edge(ZC_SENDER, ZC_USER_BUFFER, ZC_SOCKET_BUFFER, ZC_LEAF, ZC_P_COPY_FROM_ITER, 4096),
          edge(ZC_SENDER, ZC_USER_BUFFER, ZC_SOCKET_BUFFER, ZC_SUM, ZC_P_TCP_SENDMSG_LOCKED, 4095),
          edge(ZC_RECEIVER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_LEAF, ZC_P_COPY_TO_ITER, 10),
          edge(ZC_SENDER, ZC_PIPE, ZC_USER_BUFFER, ZC_SUM, ZC_P_PIPE_READ, 7),
      },
      probe_name);
  REQUIRE(rows.size() == 3);
  for (const auto& row : rows) CHECK(!row.agree());
}

TEST_CASE("sender and receiver are kept apart, and what has no second count is not compared") {
  const auto rows = compare(
      {
          edge(ZC_SENDER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_LEAF, ZC_P_COPY_TO_ITER, 1),
          edge(ZC_SENDER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_SUM, ZC_P_SKB_COPY_DATAGRAM_ITER, 1),
          edge(ZC_RECEIVER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_LEAF, ZC_P_COPY_TO_ITER, 2),
          edge(ZC_RECEIVER, ZC_SOCKET_BUFFER, ZC_USER_BUFFER, ZC_SUM, ZC_P_SKB_COPY_DATAGRAM_ITER, 2),
          edge(ZC_SENDER, ZC_SOCKET_BUFFER, ZC_SOCKET_BUFFER, ZC_LEAF, ZC_P_SKB_COPY_BITS, 99, ZC_SOFTIRQ),
          edge(ZC_SENDER, ZC_DISK, ZC_PAGE_CACHE, ZC_EVENT, ZC_P_BLOCK_RQ_COMPLETE, 99, ZC_SOFTIRQ),
          edge(ZC_SENDER, ZC_PAGE_CACHE, ZC_SOCKET_BUFFER, ZC_INFERRED, ZC_P_SYS_EXIT, 99),
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

TEST_CASE("an empty send queue is told of only where there is a device to have one") {
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
  record.folded[0] = {.probe = ZC_P_COPY_TO_ITER,
                      .from = ZC_PAGE_CACHE,
                      .to = ZC_USER_BUFFER,
                      .by = ZC_CPU,
                      .pad = {},
                      .calls = 16,
                      .at = 3,
                      .bytes = 65536};
  record.folded[1] = {.probe = ZC_P_SYS_EXIT,
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
