#include "userspace/record/surroundings.h"

#include <fcntl.h>

#include <fstream>
#include <string>

#include "base/fd.h"
#include "userspace/record/capture_mode.h"
#include "workloads/file/mountinfo.h"

namespace zctrace::record {

namespace {

using timeline::Flow;
using timeline::FlowEnd;
using timeline::FlowEndKind;

/// The device of what is mounted at /; 0: not known.
uint64_t device_of_root() {
  const Fd root(open("/", O_PATH | O_CLOEXEC));
  const auto mount = workloads::mount_of(root.get());
  return mount ? mount->device : 0;
}

/// The biggest flow from one end to another whose files are the host's.
const Flow* through_lab(const timeline::Flows& flows) {
  const uint64_t device = device_of_root();
  const auto is_file = [](const FlowEnd& end) { return end.kind == FlowEndKind::file; };
  const auto is_hosts = [&](const FlowEnd& end) { return !is_file(end) || end.device == device; };
  const Flow* most = nullptr;
  for (const Flow& flow : flows.list) {
    if (!is_linked(total(flow)) || !(is_file(flow.from) || is_file(flow.to))) continue;
    if (!is_hosts(flow.from) || !is_hosts(flow.to)) continue;
    if (!most || total(flow).bytes > total(*most).bytes) most = &flow;
  }
  return most;
}

bool serves_nfs() {
  int threads = 0;
  std::ifstream("/proc/fs/nfsd/threads") >> threads;
  return threads > 0;
}

}  // namespace

void note_surroundings(const timeline::Flows& flows, timeline::EvidenceSet& evidence) {
  if (const Flow* flow = capture::in_lab() ? through_lab(flows) : nullptr)
    evidence.notes.push_back(message(Text::note_lab_files, name_or_kind(flow->from), name_or_kind(flow->to)));
  if (serves_nfs()) evidence.notes.push_back(message(Text::note_nfsd));
}

}  // namespace zctrace::record
