#include "userspace/lab/replies.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <sstream>
#include <utility>

namespace zctrace::lab {

namespace {

constexpr size_t kLongest = 4096;  // init's own are of 512 at most

std::optional<Reply> reply_of(const std::string& line) {
  using Kind = Reply::Kind;
  constexpr std::string_view kError = "error ";
  if (line == "parked") return Reply{Kind::parked};
  if (line == "prepared") return Reply{Kind::prepared};
  if (line.starts_with("boot ")) return Reply{Kind::booted};
  if (line.starts_with(kError)) return Reply{.kind = Kind::cannot_go_on, .why = line.substr(kError.size())};
  std::istringstream words(line);
  Reply reply{Kind::ended};
  std::string kind;
  if (!(words >> kind >> reply.status >> reply.out_bytes >> reply.err_bytes >> reply.data_bytes)) return {};
  if (kind == "exit") return reply;
  if (kind != "killed" || reply.status < 1 || reply.status > SIGRTMAX) return {};
  reply.killed_by = reply.status;
  reply.status += 128;
  return reply;
}

}  // namespace

void Replies::add(std::string_view bytes, const std::function<void(const Reply&)>& take) {
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    // A character more than that tells that it was too long.
    line_ += bytes.substr(0, std::min(end, kLongest + 1 - line_.size()));
    if (end == bytes.size()) return;
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, {});
    if (line.size() > kLongest) continue;
    if (const auto reply = reply_of(line)) take(*reply);
  }
}

}  // namespace zctrace::lab
