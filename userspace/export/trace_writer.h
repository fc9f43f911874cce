#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// What trace viewers draw: processes of tracks, slices with points inside, counters. Their formats differ in how that
/// is written, not in what it is.
namespace zctrace::exports {

/// Texts by number. A writer says each once, or keeps it ready in its own form.
class Names {
 public:
  uint32_t id(std::string_view text);
  const std::string& text(uint32_t id) const { return *texts_[id]; }
  size_t size() const { return texts_.size(); }

 private:
  std::unordered_map<std::string, uint32_t> ids_;
  std::vector<const std::string*> texts_;  ///< the map's keys, which stay where they are
};

/// A detail of a slice or point.
struct Arg {
  enum class Type : uint8_t { count, number, flag, text };

  static Arg count(const char* key, uint64_t value) { return {key, Type::count, value}; }
  static Arg number(const char* key, int64_t value) { return {key, Type::number, static_cast<uint64_t>(value)}; }
  static Arg flag(const char* key, bool value) { return {key, Type::flag, value}; }
  static Arg text(const char* key, uint32_t id) { return {key, Type::text, id}; }

  const char* key;  ///< a literal: the same one, the same pointer
  Type type;
  uint64_t value;  ///< number: as two's complement; text: its id
};

struct Process {
  uint32_t id;  ///< also of its pid
  std::string name, label;
};

struct Track {
  enum class Kind : uint8_t { thread, plain, counter_of_bytes };

  uint32_t id;  ///< from 1, in the order in which they are made
  uint32_t process;
  Kind kind;
  uint32_t thread;  ///< Kind::thread: its task
  std::string name;
};

/// Something of a duration. No two on a track overlap.
struct Slice {
  uint32_t track;
  uint64_t begin, end;  ///< ns
  uint32_t name;
  const char* category;
  uint64_t flow;   ///< from here arrows lead to `flows` points, which name it
  uint32_t flows;  ///< 0: none
  bool abuts;      ///< the track's next one begins where this ends
};

/// Something at a moment, inside the track's last slice or outside of any.
struct Point {
  uint32_t track;
  uint64_t at;  ///< ns
  uint32_t name;
  const char* category;
  uint64_t flow;  ///< 0: no arrow leads here
  uint32_t nth;   ///< of the points of its flow, from 0
};

/// Writes what it is told, at once. All times are below 2^63.
class TraceWriter {
 public:
  virtual ~TraceWriter() = default;

  virtual void process(const Process& process) = 0;
  virtual void track(const Track& track) = 0;
  /// Its points follow, in time order, then its end.
  virtual void begin(const Slice& slice, const std::vector<Arg>& args) = 0;
  virtual void end(const Slice& slice) = 0;
  virtual void point(const Point& point, const std::vector<Arg>& args) = 0;
  /// The counter's value from then on.
  virtual void counter(uint32_t track, uint64_t at, uint64_t value) = 0;
  virtual void finish() = 0;

  Names names;
};

}  // namespace zctrace::exports
