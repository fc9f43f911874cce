#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/child.h"
#include "workloads/net/path.h"
#include "workloads/run/registry.h"

/// Transfers timed against each other. The process that uses this is the sender, and must have no other threads.
namespace zctrace::workloads {

/// Time per transfer, in nanoseconds.
struct Sample {
  uint64_t elapsed = 0;      ///< until the receiver has taken the last byte and closed the connection
  uint64_t cpu = 0;          ///< of this process
  uint64_t machine_cpu = 0;  ///< of all CPUs, whoever used them; known to 10 ms per sample
  uint64_t retransmits = 0;  ///< segments that were sent again, over all transfers of the sample
};

/// A path's end: a process that discards what arrives.
class Receiver {
 public:
  /// The path must outlive it. `receive_buffer`: the receiver's socket buffer in bytes, which bounds what is on the
  /// way; 0: as the kernel likes. Throws Error.
  explicit Receiver(const Path& path, int receive_buffer = 0);

  /// Sends the job's bytes `times` times on one new connection.
  Sample run(const Method& method, int source, uint64_t size, uint64_t chunk, uint64_t times);

 private:
  const Path& path_;
  Fd report_;
  std::unique_ptr<Child> process_;
  std::string target_;
};

/// `zctrace-workload discard`, the process of a Receiver.
struct DiscardOptions {
  std::string address;     ///< to listen on, at a free port
  int receive_buffer = 0;  ///< bytes, bounds what is on the way; 0: as the kernel likes
  int report = -1;         ///< descriptor that gets "L PORT\n" (gate.h)
};

/// The receiver that costs least: takes the bytes of one connection after the other out of their sockets without
/// copying them, and closes each when its sender has. Never returns; throws Error.
[[noreturn]] void run_discard(const DiscardOptions& options);

/// One of the things compared.
struct Variant {
  const Method* method;
  std::function<void()> make_ready = [] {};  ///< called before each of its samples
  uint64_t transfers = 1;                    ///< per sample
  std::vector<Sample> samples = {};
};

/// Variants that move the same bytes, in alternating order.
class Benchmark {
 public:
  Benchmark(Receiver& receiver, std::vector<Variant> variants, uint64_t size, uint64_t chunk);

  /// Lets each go without counting it, and settles how many transfers make its samples last so long.
  void warm_up(int source, double sample_seconds);
  /// One sample of each, in the reverse of the last round's order.
  void round(int source);

  uint64_t size() const { return size_; }
  size_t rounds() const { return variants_[0].samples.size(); }
  double round_seconds() const { return round_seconds_; }  ///< as the last one took, or the warm-up's last
  const std::vector<Variant>& variants() const { return variants_; }

 private:
  Sample run(Variant& variant, int source);

  Receiver& receiver_;
  std::vector<Variant> variants_;
  uint64_t size_, chunk_;
  double round_seconds_ = 0;
};

/// Time in which the CPUs were not idle, from two texts of /proc/stat that were read `elapsed` nanoseconds apart.
uint64_t busy_ns(const std::string& before, const std::string& after, uint64_t elapsed, unsigned cpus);

/// The methods of the registry that a benchmark needs. Throws Error if it is not there.
const Method& method_of(const char* name);

/// Calls `work` where the sender's end of the path is.
void at_the_senders_end(const Path& path, const std::function<void()>& work);

}  // namespace zctrace::workloads
