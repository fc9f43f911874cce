#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/child.h"
#include "workloads/file/source.h"
#include "workloads/net/path.h"
#include "workloads/run/gate.h"
#include "workloads/run/receiving_end.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {

/// What came of a finished transfer. Sizes in bytes.
struct TransferResult {
  uint64_t payload_bytes = 0;   ///< of the file
  uint64_t received_bytes = 0;  ///< by all sinks together
  uint64_t framing_bytes = 0;   ///< that they received beside it: of TLS records
  bool verified = false;        ///< every block at every sink equals the file's
};

/// The path of zctrace-workload. Throws Error where it is missing.
std::string workload_program();

/// Conducts one transfer: starts the sinks and the sender as processes of their own, lets the sender go, and verifies.
///
///     Transfer transfer(method, source, path, chunk);
///     transfer.start();                       // the sender stands at its gate: attach to it now
///     transfer.release();
///     while (transfer.poll(100) < State::finished) ...
///     TransferResult result = transfer.finish();
///
/// For who measures what it costs: nobody looks at what arrives, so nothing is verified, and at the end both ends stand
/// still, but for a JVM, which ends:
///
///     Transfer transfer(method, source, path, chunk, {}, Transfer::Ends::stay);
///     ... release();
///     while (!transfer.arrived()) transfer.poll(100);   // read the counters now
///     transfer.stop();
///
/// The children die with the thread that called start(). Source and Path must outlive the Transfer.
class Transfer {
 public:
  enum class State {
    transferring,  ///< not yet through
    draining,      ///< the method has returned, bytes are still on the way
    drained,       ///< every byte is acknowledged, or in the file or pipe; the processes are about to end
    finished,      ///< all processes ended well; finish() verifies
    failed,        ///< finish() throws the reason
  };

  enum class Ends { verify, stay };

  /// `executable`: zctrace-workload; empty: the one beside the running program.
  Transfer(const Method& method, const Source& source, const Path& path, uint64_t chunk, std::string executable = {},
           Ends ends = Ends::verify);
  ~Transfer();

  /// Returns when all are connected and the sender stands at its gate. Throws Error, after at most a minute, with Java
  /// three.
  void start();

  pid_t sender_pid() const { return sender_->pid(); }
  std::vector<pid_t> sink_pids() const;  ///< none of a file: nobody reads it
  /// What the method did otherwise than asked, one sentence each.
  std::vector<Note> notes() const { return sender_ ? sender_->notes() : std::vector<Note>{}; }

  void release();

  /// Waits until something happens, at most so long; returns early on a signal. Must be called until the end, because
  /// the sinks' reports are read in here. Fails a transfer of which nothing arrived for two minutes.
  State poll(int timeout_ms);

  /// Of one whose ends stay: is it over? Throws Error where it failed.
  bool arrived();

  /// Bytes that have arrived at all sinks together, at any time.
  uint64_t received_bytes() const;

  /// Kills and reaps the children. poll() then says failed.
  void stop();

  /// Waits for the end, then compares what the sinks received with the file as it is now. Throws Error: a sink or the
  /// sender that died, a byte that is missing, the first block that differs.
  TransferResult finish();

 private:
  void start_sender();
  /// Handles what is there to handle, after waiting for it.
  void pump(int timeout_ms);
  template <typename Condition>
  void await(Condition reached, const char* what);
  void read_gate();
  std::vector<Child*> children() const;
  bool all_ended() const;
  void note_progress();
  [[noreturn]] void throw_failure();

  const Method& method_;
  const Source& source_;
  const Path& path_;
  uint64_t chunk_;
  std::string executable_;
  Ends ends_;
  std::vector<std::unique_ptr<ReceivingEnd>> sinks_;
  std::unique_ptr<Child> sender_;
  Fd gate_;
  bool ready_ = false, released_ = false, stopped_ = false, stalled_ = false;
  State state_ = State::transferring;
  uint64_t last_received_ = 0;
  std::chrono::steady_clock::time_point last_progress_;  ///< since release()
};

}  // namespace zctrace::workloads
