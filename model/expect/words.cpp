#include "model/expect/words.h"

#include <algorithm>
#include <array>
#include <optional>

#include "model/quantities/flow_quantities.h"
#include "model/quantities/quantities.h"
#include "model/timeline/names.h"

namespace zctrace::expect {

namespace {

/// What people say for it.
struct Short {
  std::string_view name, id;
};
constexpr std::array kOfRuns{Short{"copies", "cpu_copies_per_byte"}, Short{"transforms", "transforms_per_byte"},
                             Short{"receiver/copies", "receiver/cpu_copies_per_byte"}, Short{"bytes", "payload_bytes"}};
constexpr std::array kOfFlows{Short{"copies", "copies_per_byte"}, Short{"transforms", "transforms_per_byte"}};

constexpr std::string_view kReceiver = "receiver/";

std::vector<Word> table(bool of_flow) {
  std::vector<Word> words;
  if (of_flow) {
    for (const auto& row : quantities::kFlowQuantities) words.push_back({row.id, Kind::number, row.unit});
    words.push_back({"count", Kind::count});
    words.push_back({"link", Kind::link});
  } else {
    static const std::vector<std::string> receivers = [] {
      std::vector<std::string> ids;
      for (const auto& row : quantities::kQuantities)
        if (row.whose == quantities::Whose::both) ids.push_back(std::string(kReceiver).append(row.id));
      return ids;
    }();
    size_t next = 0;
    for (const auto& row : quantities::kQuantities) {
      words.push_back({row.id, Kind::number, row.unit});
      if (row.whose == quantities::Whose::both) words.push_back({receivers[next++], Kind::number, row.unit});
    }
  }
  words.push_back({"method", Kind::method});
  words.push_back({"evidence", Kind::evidence});
  return words;
}

const std::vector<Word>& words(bool of_flow) {
  static const std::array tables{table(false), table(true)};
  return tables[of_flow ? 1 : 0];
}

template <class Enum>
std::vector<std::string> all_words() {
  std::vector<std::string> all;
  for (int each = 0; !timeline::text(static_cast<Enum>(each)).empty(); ++each)
    all.emplace_back(timeline::text(static_cast<Enum>(each)));
  return all;
}

}  // namespace

const Word* find_word(std::string_view name, bool of_flow) {
  const auto resolve = [&](const auto& shorts) {
    for (const Short& each : shorts)
      if (each.name == name) name = each.id;
  };
  of_flow ? resolve(kOfFlows) : resolve(kOfRuns);
  const auto& known = words(of_flow);
  const auto found = std::ranges::find(known, name, &Word::id);
  return found == known.end() ? nullptr : &*found;
}

std::vector<std::string> known_words(bool of_flow) {
  std::vector<std::string> names;
  const auto add = [&](const auto& shorts) {
    for (const Short& each : shorts) names.emplace_back(each.name);
  };
  of_flow ? add(kOfFlows) : add(kOfRuns);
  for (const Word& word : words(of_flow)) names.emplace_back(word.id);
  return names;
}

std::vector<std::string> known_values(Kind kind, bool of_flow) {
  switch (kind) {
    case Kind::method:
      return of_flow ? all_words<timeline::FlowMethod>() : std::vector<std::string>{};
    case Kind::evidence:
      return all_words<timeline::Evidence>();
    case Kind::link:
      return all_words<timeline::FlowLink>();
    case Kind::number:
    case Kind::count:
      break;
  }
  return {};
}

}  // namespace zctrace::expect
