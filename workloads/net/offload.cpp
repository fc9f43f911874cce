#include "workloads/net/offload.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.h"

namespace zctrace::workloads {
namespace {

std::optional<bool>* wish_named(OffloadWish& wish, std::string_view name) {
  if (name == "sg") return &wish.sg;
  if (name == "tx") return &wish.tx;
  if (name == "tso") return &wish.tso;
  if (name == "gso") return &wish.gso;
  return nullptr;
}

}  // namespace

OffloadWish parse_offload(std::string_view text) {
  OffloadWish wish;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const size_t equals = item.find('=');
    std::optional<bool>* wished = wish_named(wish, item.substr(0, equals));
    const std::string_view value = equals == item.npos ? std::string_view() : item.substr(equals + 1);
    if (wished == nullptr || (value != "on" && value != "off")) {
      throw Error(ExitStatus::usage, fmt::format("--offload: cannot parse '{}'", item),
                  "use sg, tx, tso or gso, each =on or =off, such as --offload sg=off,tso=off");
    }
    *wished = value == "on";
  }
  return wish;
}

}  // namespace zctrace::workloads
