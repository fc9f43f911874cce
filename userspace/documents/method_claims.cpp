#include "userspace/documents/method_claims.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace zctrace::documents {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTitles{
    {{"read_write", "read + write"}, {"mmap_write", "mmap + write"}, {"direct_io", "direct I/O + write"}}};

void add(std::string& text, std::optional<unsigned> count, std::string_view one, std::string_view many) {
  if (!count) return;
  text += fmt::format("{}{} {}", text.empty() ? "" : ", ", *count, *count == 1 ? one : many);
}

}  // namespace

const std::vector<MethodClaim>& method_claims() {
  static const std::vector<MethodClaim> claims{
      {"T1", "read_write", {}, "000 001 002 003 004", "read, write", 4, 2, 2, false, true, ""},
      {"M1", "mmap_write", {}, "000 001 002 003 004", "mmap, write", 4, 1, 2, false, true, ""},
      {"S1", "sendfile", false, "000 001 002 003 004", "sendfile", 2, 1, 2, false, false, ""},
      {"S2", "sendfile", true, "000 001 003 004", "sendfile", 2, 0, 2, true, false, ""},
      {"S3", "sendfile", true, "002", "sendfile", 2, 1, 2, true, false, "the one copy is of metadata only"},
      {"S4", "sendfile", true, "001", "sendfile", 2, {}, {}, {}, {}, "3 copies in one place, 2 in another"},
      {"S5", "sendfile", {}, "001", "sendfile", 3, {}, {}, {}, {}, "3 context switches, against 2 elsewhere"},
      {"P1", "splice", {}, "000 002 004", "splice", 2, 0, 2, false, true, ""},
      {"E1", "tee", {}, "003", "tee", {}, {}, {}, {}, false, "like splice, and both ends must be pipes"},
      {"D1", "direct_io", {}, "003", "read (O_DIRECT)", {}, 0, {}, {}, {}, "on the read side"},
  };
  return claims;
}

const MethodClaim* claim_for(std::string_view method, bool scatter_gather) {
  for (const auto& claim : method_claims())
    if (claim.method == method && claim.scatter_gather.value_or(scatter_gather) == scatter_gather) return &claim;
  return nullptr;
}

std::string method_title(std::string_view method) {
  for (const auto& [name, title] : kTitles)
    if (name == method) return std::string(title);
  return std::string(method);
}

std::string figures_text(const MethodClaim& claim, bool chinese) {
  std::string text;
  add(text, claim.cpu_copies, "CPU copy", "CPU copies");
  add(text, claim.mode_switches, "mode switch", "mode switches");
  if (claim.mode_switches && chinese) text += " (上下文切换)";
  add(text, claim.dma_copies, "DMA copy", "DMA copies");
  if (text.empty()) return std::string(claim.remark);
  return claim.remark.empty() ? text : fmt::format("{} ({})", text, claim.remark);
}

}  // namespace zctrace::documents
