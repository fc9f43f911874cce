#pragma once

/// To be included by a target whose input is JSON: libFuzzer then changes values, members and lists as well as bytes,
/// most of which would be refused before anything is looked at.
#ifdef ZCTRACE_FUZZ

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

namespace zctrace::fuzz {

using Json = nlohmann::ordered_json;

/// Also of strings that are no UTF-8 any more.
inline std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::ignore); }

inline void collect(Json& json, std::vector<Json*>& all) {
  all.push_back(&json);
  if (json.is_structured())
    for (auto& part : json) collect(part, all);
}

inline void change(Json& root, std::minstd_rand& random) {
  std::vector<Json*> all;
  collect(root, all);
  const auto any = [&](size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random); };
  Json& one = *all[any(all.size())];
  const Json other = *all[any(all.size())];
  static const Json kValues[] = {0,     1,       2,    65535, 65536, UINT32_MAX, UINT64_MAX, INT64_MAX, INT64_MIN, -1,
                                 1e308, -1e-308, 0.5,  1e19,  "",    "unknown",  "exact",    "none",    "\u202e中",  true,
                                 false, nullptr, 4096, 1 << 20, Json::array(), Json::object()};
  switch (any(6)) {
    case 0:
      one = kValues[any(std::size(kValues))];
      break;
    case 1:
      if (text_of(other).size() < 4096) one = other;
      break;
    case 2:
      if (one.is_structured() && !one.empty()) one.erase(std::next(one.begin(), static_cast<long>(any(one.size()))));
      break;
    case 3:
      if (one.is_array() && !one.empty() && one.size() < 64) one.push_back(Json(one[any(one.size())]));
      break;
    case 4:
      if (one.is_number_unsigned()) one = one.get<uint64_t>() << any(64) >> any(64);
      break;
    case 5:
      if (one.is_string()) {
        std::string text = one.get<std::string>();
        const size_t size = text.size();
        text.resize(size + 16);
        text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, text.size()));
        one = text;
      }
  }
}

}  // namespace zctrace::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  using zctrace::fuzz::Json;
  std::minstd_rand random(seed);
  if (random() % 4 == 0) return LLVMFuzzerMutate(data, size, most);
  Json json = Json::parse(data, data + size, nullptr, false);
  if (json.is_discarded()) return LLVMFuzzerMutate(data, size, most);
  for (auto times = 1 + random() % 4; times > 0; --times) zctrace::fuzz::change(json, random);
  const std::string text = zctrace::fuzz::text_of(json);
  if (text.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

#endif
