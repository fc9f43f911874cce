#include "userspace/record/hook_check.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/child.h"
#include "base/io.h"
#include "userspace/record/measurement.h"
#include "workloads/net/path.h"
#include "workloads/run/gate.h"
#include "workloads/run/transfer.h"

namespace zctrace::record {

namespace {

using namespace workloads;

constexpr int kLimitMs = 20'000;

/// The program that does a little of everything, over the loopback device of a namespace of ours.
void provoke_all(capture::Session& session) {
  const auto path = make_path("loopback");
  auto [ours, theirs] = make_socket_pair();
  ChildOptions options;
  options.command = {workload_program(),      "selftest", "--gate", std::to_string(kSenderGateFd), "--workdir",
                     default_work_directory()};
  options.netns = path->sender_netns();
  options.fds = {{theirs.get(), kSenderGateFd}};
  Child child(options);
  theirs.reset();

  const auto letter = [&](char expected) {
    pollfd waiting{ours.get(), POLLIN, 0};
    char got = 0;
    if (::poll(&waiting, 1, kLimitMs) != 1 || read(ours.get(), &got, 1) != 1 || got != expected) {
      stop_if_interrupted();
      child.read_errors();
      throw Error(ExitStatus::failed, "the self-test ended early: " + child.error_line(), "zctrace doctor");
    }
  };
  letter(kReady);
  session.add_target(child.pid(), ZC_SENDER, kSenderGateFd);
  const char go = 'G';
  if (write(ours.get(), &go, 1) != 1) throw system_error("releasing the self-test");
  letter(kTransferred);
}

/// The device layer's copies need a device that lacks something: a small sendfile over such a veth pair.
void provoke_device_layer(capture::Session& session, const OffloadWish& wish) {
  const auto path = make_path("veth", wish);
  SourceOptions options;
  options.size = 256 << 10;
  const Source source = prepare_source(options);
  Transfer transfer(*find_method("sendfile"), source, *path, 64 << 10);
  transfer.start();
  session.add_target(transfer.sender_pid(), ZC_SENDER, kSenderGateFd);
  transfer.release();
  while (transfer.poll(20) < Transfer::State::finished) session.poll(0);
  transfer.finish();
}

/// The hooks whose bytes found their owner. Those of the socket-buffer layer run in whatever task a softirq interrupts,
/// on buffers that may have lost their socket.
void note_attributed(const capture::Session& session, std::set<unsigned>& attributed) {
  for (const auto& [edge, moved] : session.edges())
    if (edge.role == ZC_SENDER && moved.bytes) attributed.insert(edge.probe);
}

bool counts_bytes(capture::Layer layer) {
  using enum capture::Layer;
  return layer == leaf || layer == socket_buffer || layer == sum || layer == reference;
}

}  // namespace

std::vector<timeline::Hook> self_test(capture::Session& session) {
  std::set<unsigned> attributed;
  session.count_hits(true);
  // Twice, where not all leaves can be watched at once.
  for (const capture::Sink sink : {capture::Sink::pipe, capture::Sink::other}) {
    const bool needed = sink == capture::Sink::other ||
                        std::ranges::any_of(session.attached(), [&](const auto& probe) { return probe.sink == sink; });
    if (!needed) continue;
    session.reset();
    session.set_sink(sink);
    provoke_all(session);
    note_attributed(session, attributed);
  }
  const auto attached = [&](capture::Layer layer) {
    return std::ranges::any_of(session.attached(), [&](const auto& probe) { return probe.layer == layer; });
  };
  if (attached(capture::Layer::socket_buffer)) {
    // Without scatter-gather segments are copied apart, without checksums packets are made linear.
    for (const OffloadWish& wish : {OffloadWish{.sg = false, .tx = {}, .tso = {}, .gso = {}},
                                    OffloadWish{.sg = {}, .tx = false, .tso = {}, .gso = {}}}) {
      session.reset();
      provoke_device_layer(session, wish);
      note_attributed(session, attributed);
    }
  }
  session.count_hits(false);
  const std::vector<uint64_t> hits = session.hits();
  session.reset();

  std::vector<timeline::Hook> hooks;
  for (const capture::Probe& probe : session.attached()) {
    const char* state = "fired";
    if (!hits[probe.id])
      state = probe.provoked ? "silent" : "unprovoked";
    else if (probe.provoked && counts_bytes(probe.layer) && !attributed.contains(probe.id))
      state = "unattributed";
    hooks.push_back({probe.target, capture::text_of(probe.kind), state});
  }
  for (const capture::Probe& probe : session.missing())
    hooks.push_back({probe.target, capture::text_of(probe.kind), "missing"});
  return hooks;
}

}  // namespace zctrace::record
