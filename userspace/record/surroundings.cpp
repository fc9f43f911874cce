#include "userspace/record/surroundings.h"

#include <fstream>
#include <sstream>
#include <string>

#include "model/timeline/names.h"
#include "userspace/record/capture_mode.h"

namespace zctrace::record {

namespace {

using timeline::Flow;
using timeline::FlowEnd;
using timeline::FlowEndKind;

/// The kernel's s_dev of what is mounted at /; stat tells of an overlay's files another device.
uint64_t device_of_root() {
  std::ifstream mounts("/proc/self/mountinfo");
  uint64_t device = 0;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, root, place;
    unsigned major = 0, minor = 0;
    char colon = 0;
    if (words >> id >> parent >> major >> colon >> minor >> root >> place && place == "/")
      device = uint64_t{major} << 20 | minor;  // a later one lies on top
  }
  return device;
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
  const auto name = [](const FlowEnd& end) { return end.name.empty() ? std::string(text(end.kind)) : end.name; };
  if (const Flow* flow = in_lab() ? through_lab(flows) : nullptr)
    evidence.notes.push_back(message(Text::note_lab_files, name(flow->from), name(flow->to)));
  if (serves_nfs()) evidence.notes.push_back(message(Text::note_nfsd));
}

}  // namespace zctrace::record
