#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/output_file.h"
#include "model/timeline/model.h"

namespace zctrace::timeline {

/// A recording's events, packed without what is 0 or as before, to be gone through as often as one likes. Beyond kMostMemory
/// bytes they lie in a file without a name: any number of them takes the same memory.
class EventStore {
 public:
  class Iterator;

  /// Throws Error where a temporary file is needed and cannot be written.
  void push_back(const Event& event);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Whether none came before one that began later.
  bool in_order() const { return in_order_; }
  /// In the order in which they came. What an iterator points to is there until it is advanced. Throws Error where a
  /// temporary file cannot be read.
  Iterator begin() const;
  std::default_sentinel_t end() const { return {}; }

 private:
  static constexpr size_t kBlock = 64 * 1024, kMostMemory = 32 << 20;

  void close_block();

  std::vector<std::string> blocks_;    ///< the first ones
  std::unique_ptr<OutputFile> file_;   ///< the others, one behind the other
  std::vector<uint32_t> file_blocks_;  ///< their sizes
  std::string open_;                   ///< the last one
  size_t in_memory_ = 0, size_ = 0;
  bool in_order_ = true;
  uint64_t latest_ = 0;
  Event before_;  ///< the last one of the open block
};

class EventStore::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Event;
  using difference_type = std::ptrdiff_t;

  explicit Iterator(const EventStore& store);
  Iterator(const Iterator&) = delete;
  Iterator& operator=(const Iterator&) = delete;

  const Event& operator*() const { return event_; }
  const Event* operator->() const { return &event_; }
  Iterator& operator++();
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return left_ == 0; }

 private:
  void next_block();

  const EventStore* store_;
  size_t left_;  ///< this one and those behind it
  size_t next_ = 0, offset_ = 0;
  std::string from_file_;
  std::string_view block_;
  Event event_;
};

inline EventStore::Iterator EventStore::begin() const { return Iterator(*this); }

}  // namespace zctrace::timeline
