#include <nlohmann/json.hpp>
#include <fmt/core.h>
#include <sys/stat.h>

#include "base/io.h"
#include "workloads/experiments/ends.h"
#include "workloads/experiments/experiment.h"
#include "workloads/experiments/halted_sender.h"
#include "workloads/experiments/memory_search.h"

namespace zctrace::workloads {
namespace {

// More than all socket buffers of a connection hold together, so that the sender must block.
constexpr size_t kSize = 8U << 20;
constexpr uint64_t kChunk = 64U << 10;

/// Throws Error where the method cannot be used, or does not block.
Json look(const Method& method, int source, const MarkedPayload& payload, uint64_t inode) {
  HaltedSender sender(method, source, payload.bytes(), kChunk);
  const uint64_t received = sender.received_bytes();
  const Found found = find_payload(sender.pid(), payload, inode);
  sender.finish();
  return {{"method", method.name},
          {"size", kSize},
          {"sinks", method.sinks},
          {"sent_before_stop", received + sender.queued_bytes()},
          {"received_before_stop", received},
          {"stopped_in", sender.blocked_in()},
          {"visible_bytes", found.visible_bytes},
          {"mapped_bytes", found.mapped_bytes},
          {"regions", found.regions},
          {"searched_bytes", found.searched_bytes},
          {"unreadable_regions", found.unreadable.size()},
          {"unreadable", found.unreadable},
          {"verified", true}};
}

}  // namespace

void look_for_payload(const ExperimentOptions& options, Json& document) {
  tell_stage(options, "visible: preparing the file");
  const MarkedPayload payload(kSize / kBlock);
  const Fd source = make_file(payload.bytes(), options.work_directory);
  struct stat facts {};
  if (fstat(source.get(), &facts) < 0) throw system_error("asking about the source");

  document["size"] = kSize;
  document["chunk"] = kChunk;
  document["block"] = kBlock;
  document["path"] = "loopback";
  document["methods"] = Json::array();
  document["left_out"] = Json::array();
  for (const Method& method : methods()) {
    if (method.java) continue;  // a heap of its own machine's, which moves what is in it
    if (!takes(method, "loopback") || method.seal != Seal::none) continue;  // the receiver here reads plain bytes
    if (const auto missing = missing_for(method)) {
      document["left_out"].push_back({{"method", method.name}, {"why", missing->why}});
      continue;
    }
    tell_stage(options, fmt::format("visible: {}", method.name));
    try {
      document["methods"].push_back(look(method, source.get(), payload, facts.st_ino));
    } catch (const Error& error) {
      document["left_out"].push_back({{"method", method.name}, {"why", error.what()}});
    }
  }
  if (document["methods"].empty()) throw Error(ExitStatus::failed, document["left_out"][0]["why"]);
}

}  // namespace zctrace::workloads
