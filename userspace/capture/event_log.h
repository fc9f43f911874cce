#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "bpf/record.h"
#include "model/timeline/model.h"
#include "userspace/capture/file_parts.h"

namespace zctrace::capture {

/// The timeline in memory, as it comes: turned into the document's events at once, so that each is held only once.
class EventLog {
 public:
  /// Holds at most `capacity` events; more are counted as dropped. `probe_name` names a hook.
  EventLog(size_t capacity, std::function<std::string(unsigned)> probe_name);

  /// Empty: there is none.
  void set_device(const std::string& device) { device_ = device; }
  /// Where the file lies that is read: disk requests tell their sectors. Empty: not known.
  void set_file(const std::vector<FilePart>& parts) { file_ = parts; }
  void add(const zc_record& record);
  void clear();
  /// Per enum zc_kind.
  const std::vector<uint64_t>& dropped() const { return dropped_; }

  /// Moves all into the document, in time order, with times from `begin_ns` on.
  void move_to(timeline::Document& document, uint64_t begin_ns);

 private:
  uint16_t name(const std::string& text);
  std::string text_of(unsigned kind, unsigned code) const;
  /// Of what a record's code means; looked up once.
  uint16_t name_of(unsigned kind, unsigned code);

  size_t capacity_;
  std::function<std::string(unsigned)> probe_name_;
  std::string device_;
  std::vector<FilePart> file_;
  std::vector<timeline::Event> events_;
  std::vector<std::string> names_{""};
  std::map<std::string, uint16_t> index_{{"", 0}};
  std::unordered_map<uint32_t, uint16_t> known_;  ///< by kind and code
  std::vector<uint64_t> dropped_ = std::vector<uint64_t>(ZC_KINDS);
};

/// "read"; "syscall_999" where the number has no name; "read_32" of the 32-bit table. x86-64.
std::string syscall_name(unsigned number);

}  // namespace zctrace::capture
