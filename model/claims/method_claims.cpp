#include "model/claims/method_claims.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/claims/claims.h"

namespace zctrace::claims {
namespace {

constexpr std::pair<std::string_view, Text> kTitles[]{{"read_write", Text::title_read_write},
                                                      {"preadv2_writev", Text::title_preadv2_writev},
                                                      {"mmap_write", Text::title_mmap_write},
                                                      {"mmap_populate", Text::title_mmap_populate},
                                                      {"vmsplice", Text::title_vmsplice},
                                                      {"direct_io", Text::title_direct_io},
                                                      {"msg_zerocopy", Text::title_msg_zerocopy},
                                                      {"mmap_zerocopy", Text::title_mmap_zerocopy},
                                                      {"uring_read_send", Text::title_uring_read_send},
                                                      {"uring_send_zc", Text::title_uring_send_zc},
                                                      {"uring_splice", Text::title_uring_splice},
                                                      {"uring_direct", Text::title_uring_direct},
                                                      {"openssl_write", Text::title_openssl_write},
                                                      {"ktls_send", Text::title_ktls_send},
                                                      {"ktls_sendfile", Text::title_ktls_sendfile},
                                                      {"recv", Text::title_recv},
                                                      {"recv_splice", Text::title_recv_splice},
                                                      {"tcp_zerocopy_receive", Text::title_tcp_zerocopy_receive}};

}  // namespace

const std::vector<MethodClaim>& method_claims() {
  static const std::vector<MethodClaim> rows = [] {
    std::vector<MethodClaim> found;
    for (const auto& claim : claim_data().claims)
      if (claim.figures) found.push_back(*claim.figures);
    return found;
  }();
  return rows;
}

const MethodClaim* claim_for(std::string_view method, bool scatter_gather) {
  for (const auto& claim : method_claims())
    if (claim.method == method && claim.scatter_gather.value_or(scatter_gather) == scatter_gather) return &claim;
  return nullptr;
}

std::string method_title(std::string_view method, Language language) {
  for (const auto& [name, title] : kTitles)
    if (name == method) return std::string(words(title, language));
  return std::string(method);
}

std::string carrier_title(std::string_view carrier, Language language) {
  if (carrier == "direct_io") return std::string(words(Text::flow_direct_io, language));
  return method_title(carrier, language);
}

std::string figures_text(const MethodClaim& claim, Language language, bool own_word) {
  std::string text;
  const auto add = [&](std::optional<unsigned> count, TextWith<0> one, TextWith<1> many) {
    if (count)
      text += (text.empty() ? "" : std::string(words(Text::comma, language))) + say_count(language, *count, one, many);
  };
  add(claim.cpu_copies, Text::claim_one_cpu_copy, Text::claim_cpu_copies);
  add(claim.mode_switches, Text::claim_one_switch, Text::claim_switches);
  if (claim.mode_switches && own_word) text += words(Text::claim_own_word, language);
  add(claim.dma_copies, Text::claim_one_dma_copy, Text::claim_dma_copies);
  if (claim.remark.empty()) return text;
  const auto& remark = claim.remark.in(language);
  return text.empty() ? remark : say(language, Text::with_remark, text, remark);
}

}  // namespace zctrace::claims
