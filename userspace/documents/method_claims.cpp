#include "userspace/documents/method_claims.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace zctrace::documents {
namespace {

constexpr std::array<std::pair<std::string_view, Text>, 4> kTitles{{{"read_write", Text::title_read_write},
                                                                    {"mmap_write", Text::title_mmap_write},
                                                                    {"mmap_populate", Text::title_mmap_populate},
                                                                    {"direct_io", Text::title_direct_io}}};

}  // namespace

const std::vector<MethodClaim>& method_claims() {
  static const std::vector<MethodClaim> claims{
      {"T1", "read_write", {}, "000 001 002 003 004", "read, write", 4, 2, 2, false, true, {}},
      {"M1", "mmap_write", {}, "000 001 002 003 004", "mmap, write", 4, 1, 2, false, true, {}},
      {"S1", "sendfile", false, "000 001 002 003 004", "sendfile", 2, 1, 2, false, false, {}},
      {"S2", "sendfile", true, "000 001 003 004", "sendfile", 2, 0, 2, true, false, {}},
      {"S3", "sendfile", true, "002", "sendfile", 2, 1, 2, true, false, Text::remark_metadata},
      {"S4", "sendfile", true, "001", "sendfile", 2, {}, {}, {}, {}, Text::remark_three_or_two},
      {"S5", "sendfile", {}, "001", "sendfile", 3, {}, {}, {}, {}, Text::remark_three_switches},
      {"P1", "splice", {}, "000 002 004", "splice", 2, 0, 2, false, true, {}},
      {"E1", "tee", {}, "003", "tee", {}, {}, {}, {}, false, Text::remark_tee},
      {"D1", "direct_io", {}, "003", "read (O_DIRECT)", {}, 0, {}, {}, {}, Text::remark_read_side, true},
  };
  return claims;
}

const MethodClaim* claim_for(std::string_view method, bool scatter_gather) {
  for (const auto& claim : method_claims())
    if (claim.method == method && claim.scatter_gather.value_or(scatter_gather) == scatter_gather) return &claim;
  return nullptr;
}

bool contradicts(double measured, unsigned claimed) {
  return std::abs(measured - claimed) > 0.1 * std::max(1.0, static_cast<double>(claimed));
}

std::string method_title(std::string_view method, Language language) {
  for (const auto& [name, title] : kTitles)
    if (name == method) return std::string(words(title, language));
  return std::string(method);
}

std::string figures_text(const MethodClaim& claim, Language language, bool own_word) {
  std::string text;
  const auto add = [&](std::optional<unsigned> count, Text one, Text many) {
    if (count)
      text += (text.empty() ? "" : std::string(words(Text::comma, language))) + say_count(language, *count, one, many);
  };
  add(claim.cpu_copies, Text::claim_one_cpu_copy, Text::claim_cpu_copies);
  add(claim.mode_switches, Text::claim_one_switch, Text::claim_switches);
  if (claim.mode_switches && own_word) text += words(Text::claim_own_word, language);
  add(claim.dma_copies, Text::claim_one_dma_copy, Text::claim_dma_copies);
  if (!claim.remark) return text;
  const auto remark = words(*claim.remark, language);
  return text.empty() ? std::string(remark) : say(language, Text::with_remark, text, remark);
}

}  // namespace zctrace::documents
