#pragma once

#include <array>
#include <bitset>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/timeline/recording.h"

namespace zctrace::timeline {

/// Builds events from the parser's calls, without a JSON value in between. Throws SchemaError for what the schema does
/// not allow; members it does not know are passed over.
class EventReader {
 public:
  /// Appends to the recording's events and names.
  explicit EventReader(Recording& recording);

  void begin_array();
  void end_array();
  void begin_object();
  void end_object();
  void key(std::string_view word);
  void number(uint64_t value);
  void negative(int64_t value);
  void text(std::string_view value);
  void other();  ///< true, false, null, a fraction: nothing that an event holds

 private:
  enum Field : uint8_t {
    t,
    kind,
    side,
    task,
    cpu,
    dur,
    name,
    ret,
    faults,
    copies,
    function,
    via,
    from,
    to,
    by,
    calls,
    bytes,
    at,
    context,
    mode,
    reason,
    vector,
    payload,
    offset,
    op,
    device,
    segments,
    linear,
    paged,
    headers,
    unknown
  };
  static const std::array<std::string_view, unknown> kFields;

  /// The members of one JSON object as they came; enums and names are already numbers.
  struct Members {
    std::array<uint64_t, unknown> value;
    std::bitset<unknown> seen;
  };

  bool passing();
  void set(uint64_t value);
  uint16_t intern(std::string_view word);
  uint64_t need(Field field, uint64_t most = UINT64_MAX) const;
  uint64_t maybe(Field field, uint64_t most = UINT64_MAX) const;
  void finish_event();
  void finish_folded();

  /// Looks a text up without making a string of it.
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Recording& recording_;
  std::unordered_map<std::string, uint16_t, Hash, std::equal_to<>> interned_;
  Members event_{}, folded_{};
  Members* members_ = &event_;
  Event result_;
  size_t folded_count_ = 0;
  Field field_ = unknown;
  int depth_ = 0;   ///< 1: in the list, 2: in an event, 3: in its copies, 4: in one of them
  int passed_ = 0;  ///< open brackets of a member that is passed over
};

}  // namespace zctrace::timeline
