#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/child.h"
#include "workloads/file/source.h"
#include "workloads/net/path.h"
#include "workloads/run/registry.h"
#include "workloads/run/sink_report.h"

namespace zctrace::workloads {

/// Where one copy of the payload arrives, as the parent sees it: a process that reads a socket or a pipe, or a file
/// that nobody reads. All throw Error.
class ReceivingEnd {
 public:
  /// `executable`: zctrace-workload; `stays`: as in SinkOptions. A pipe holds a chunk, where this user may have one as
  /// large.
  ReceivingEnd(const Method& method, const Path& path, const Source& source, uint64_t chunk,
               const std::string& executable, bool stays);
  ReceivingEnd(const ReceivingEnd&) = delete;
  ReceivingEnd& operator=(const ReceivingEnd&) = delete;
  ~ReceivingEnd();

  Child* reader() const { return reader_.get(); }  ///< null for a file
  int report_fd() const { return report_fd_.get(); }
  void read_report();

  /// Can the sender be started?
  bool listens() const { return !reader_ || target_ || report_.port() != 0; }
  bool accepted() const { return !reader_ || report_.accepted(); }
  void release();
  /// Until the released reader waits for its first bytes, or for a second at most: its kernel works on them as soon as
  /// they arrive, and whoever traces the reader knows its socket from its first call on.
  void await_reading() const;

  /// For the sender's --to; what it is to inherit is put at the descriptor `number`.
  std::string address(int number) const;
  int inherited() const { return target_.get(); }  ///< -1: nothing
  /// The sender has inherited it: a pipe ends when the sender does.
  void hand_over();

  uint64_t received_bytes() const;                                            ///< so far
  uint64_t framing_bytes() const { return reader_ ? report_.framing() : 0; }  ///< of TLS records, after the end
  bool complete() const { return !reader_ || report_.complete(); }
  /// Of what arrived, after the end.
  std::vector<uint64_t> hashes() const;

 private:
  void start_reader(const std::string& executable, std::vector<std::string> from, int netns, Fd pipe);

  const bool stays_;
  std::string sink_address_;
  Fd target_;  ///< the file, or the pipe's end for writing
  Fd report_fd_;
  std::atomic<uint64_t>* counter_ = nullptr;  ///< written by the reader
  std::unique_ptr<Child> reader_;
  SinkReport report_;
};

}  // namespace zctrace::workloads
