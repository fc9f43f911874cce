#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/language/message.h"
#include "model/timeline/cpu_cost.h"
#include "model/timeline/evidence.h"
#include "model/timeline/flow.h"

/// The timeline document, in memory. Times in ns, sizes in bytes. Knows nothing of how it was captured.
namespace zctrace::timeline {

inline constexpr const char* kSchema = "zctrace.timeline/2";
inline constexpr const char* kSchema1 = "zctrace.timeline/1";  ///< still read

enum class End : uint8_t { disk, page_cache, user_buffer, pipe, socket_buffer, nic, file };
/// `transform`: the CPU reads bytes and writes others, as a cipher does: neither a copy nor a reference.
enum class Mover : uint8_t { cpu, dma, reference, transform };
enum class Side : uint8_t { sender, receiver };
enum class Context : uint8_t { syscall, softirq, worker };
struct Kernel {
  std::string release;          ///< uname -r
  std::string where;            ///< "host" or "lab"
  std::string arch;             ///< uname -m
  std::string parameters = {};  ///< that the lab's kernel was booted with beside the lab's own
};

struct Source {
  std::string file;  ///< the user's file, or empty for a generated one
  std::string device;
  std::string filesystem;
  bool dma = false;             ///< false for tmpfs: no disk, no DMA
  uint64_t resident_bytes = 0;  ///< of the file, in the page cache when the transfer began (mincore)
};

struct Path {
  std::string kind;  ///< "loopback", "veth", "nic", "file", "pipe"
  std::string device;
  std::string driver;
  bool dma = false;
  bool scatter_gather = false, tx_checksum = false, tso = false;  ///< read back from the device
};

/// One edge of the cross-check: the same bytes, counted by two independent mechanisms.
struct CrossCheck {
  Side side;
  End from, to;
  std::string by_breakpoint, by_ftrace;  ///< the kernel functions compared
  uint64_t breakpoint_bytes = 0, ftrace_bytes = 0;
  bool agree() const { return breakpoint_bytes == ftrace_bytes; }
};

struct Hook {
  std::string name;  ///< kernel function or tracepoint
  std::string kind;  ///< "fentry", "fexit", "breakpoint", "tracepoint"
  /// In the self-test: "fired", "silent", "unattributed" (fired, but it was not found out whose bytes it saw), or
  /// "unprovoked" (out of its reach); "missing": not on this kernel.
  std::string state;
};

struct EvidenceSet {
  Evidence copies = Evidence::none;
  Evidence receiver_copies = Evidence::none;
  Evidence system_calls = Evidence::none, page_faults = Evidence::none, context_switches = Evidence::none;
  Evidence disk = Evidence::none, nic = Evidence::none;
  bool copies_unknown = false;  ///< copies may have happened that this capture cannot see: no figure per byte then
  std::string mechanism;        ///< "breakpoints", "fentry", "syscalls"
  std::vector<CrossCheck> cross_check;
  std::vector<Hook> hooks;
  std::vector<Message> notes;  ///< what is missing and why, one sentence each
};

struct Lost {
  uint64_t events = 0;
  std::map<std::string, uint64_t> by_kind;
};

/// Of a trace of which single events were kept for a window only. The ledger covers all of it.
struct Detail {
  std::string window;   ///< as asked for: "first:10000", "2s", "all", "none"
  uint64_t events = 0;  ///< omitted because they were outside it; these are not lost
  std::map<std::string, uint64_t> by_kind;
};

/// Of a recording that travels with zctrace.
struct Recorded {
  std::string experiment;  ///< that it is the document of
  std::string date;        ///< "2026-11-26"
  std::string program;     ///< "Apache Kafka 4.3.1, OpenJDK 17.0.15"
};

struct Run {
  std::string method;  ///< a built-in one's name; "exec" or "attach" for a traced program
  std::vector<std::string> command;
  uint64_t size = 0, chunk = 0;
  std::string cache;  ///< "cold" or "warm"
  Kernel kernel;
  Source source;
  Path path;
  EvidenceSet evidence;
  Lost lost;
  std::optional<Detail> detail;  ///< of a traced program
  std::optional<Recorded> recorded;
  uint64_t duration_ns = 0;    ///< from the first system call of the transfer to the empty send queue
  unsigned sinks = 1;          ///< sockets fed (tee: 2)
  Side judged = Side::sender;  ///< whose copies are the method's: of the methods that receive the receiver's
  bool kernel_tls = false;     ///< the sender's sockets encrypt
  bool own_passes = false;     ///< the method also reads or writes the bytes in its own memory, which nothing sees
  bool complete = true;        ///< false: interrupted, the figures cover what happened until then
};

/// Copy::function where only the call was seen in which the bytes moved.
inline constexpr std::string_view kFunctionUnseen = "system call";

struct Copy {
  End from, to;
  Mover by;
  std::string function;
  std::string via;  ///< the enclosing function that asked for the copy, where it is known (skb_segment, ...)
  uint64_t bytes = 0, calls = 0;
  Side side;
  Context context;
  Evidence evidence = Evidence::exact;
  std::optional<Cipher> cipher = {};  ///< that transformed them
};

struct ModeSwitches {
  uint64_t syscall = 0, fault = 0;
  uint64_t total() const { return syscall + fault; }
};

/// What a traced JVM copied itself, in user mode, between arrays in its heap and native memory, which is what its calls
/// read and write: seen of file streams and other native code. What else it copies (buffers of channels, sockets) is
/// not seen, and none of it is among the kernel's copies.
struct ArrayCopies {
  uint64_t into_bytes = 0, into_calls = 0;      ///< from native memory into an array
  uint64_t out_of_bytes = 0, out_of_calls = 0;  ///< and the other way
  Evidence evidence = Evidence::none;           ///< exact; at_least: a JVM had run before its copies were counted
  uint64_t bytes() const { return into_bytes + out_of_bytes; }
};

/// What one side of the transfer did, apart from moving bytes.
struct Figures {
  std::map<std::string, uint64_t> syscalls;
  ModeSwitches mode_switches;
  uint64_t user_faults = 0, kernel_faults = 0;
  uint64_t voluntary_switches = 0, involuntary_switches = 0;
  /// CPU time of the side's threads that move the payload, from release to end, tracing included; nothing if unknown.
  std::optional<uint64_t> cpu_ns;
  std::optional<ArrayCopies> array_copies = {};  ///< there if a JVM was traced whose copies are counted
};

struct Dma {
  uint64_t disk_bytes = 0, disk_requests = 0;
  uint64_t nic_bytes = 0, nic_packets = 0;  ///< payload handed to the device; bytes 0 where path.dma is false
  /// Written to disks of what a traced program put into files, whole blocks; nothing where that was not followed.
  std::optional<uint64_t> written_bytes = {}, write_requests = {};
  uint64_t unseen_disk_bytes = 0;  ///< of disks without hardware, moved by their drivers where nothing sees it
};

/// What net_dev_start_xmit showed, on any device: how the payload lay in the transmitted buffers.
struct Transmit {
  uint64_t packets = 0, payload_bytes = 0, linear_bytes = 0, paged_bytes = 0, header_bytes = 0;
};

struct Ledger {
  uint64_t payload_bytes = 0;   ///< bytes of the file that were transferred
  uint64_t received_bytes = 0;  ///< bytes that all sinks verified
  uint64_t framing_bytes = 0;   ///< that they received beside it: of TLS records
  std::vector<Copy> copies;
  Figures sender, receiver;
  Dma dma;
  Transmit transmit;
  std::optional<CpuCost> cpu_cost;  ///< where it was asked for
  std::optional<Flows> flows;       ///< of a traced program
  std::optional<CopyStacks> copy_stacks = {};  ///< of a traced program, where they were asked for
};

/// A run and its sums, without its events.
struct Measured {
  Run run;
  Ledger ledger;
};

/// What is known of a trace that is not over.
struct TraceFacts {
  Kernel kernel;
  EvidenceSet evidence;
};

enum class EventKind : uint8_t { syscall, copy, fault, off_cpu, softirq, disk, transmit, mark };

/// A copy inside a system call, folded into the call's event.
struct FoldedCopy {
  uint16_t function = 0;  ///< index into Document::names
  End from{}, to{};
  Mover by{};
  uint8_t pad[3] = {};
  uint32_t calls = 0;  ///< 0: unused
  uint32_t at_ns = 0;  ///< first copy, after the start of the call
  uint64_t bytes = 0;
};

/// One thing that happened. Kept small: a long run holds a million of them.
struct Event {
  uint64_t t_ns = 0;  ///< from the run's start
  uint64_t dur_ns = 0;
  uint32_t task = 0;  ///< thread id; 0 where the event belongs to no task
  uint16_t cpu = 0;
  EventKind kind{};
  Side side{};
  uint16_t name = 0;     ///< index into Document::names: call, function, device, softirq vector, mark, reason
  uint16_t via = 0;      ///< copy: index of the enclosing function, 0 if none
  uint32_t count = 0;    ///< syscall: page faults inside it; copy: calls; transmit: segments
  /// syscall: return value; transmit: header bytes; fault: 1 from user mode; disk: where in the file its first payload
  /// byte lies, -1 unknown
  int64_t result = 0;
  uint64_t bytes = 0;    ///< copy, disk: bytes; transmit: linear payload bytes
  uint64_t bytes2 = 0;   ///< disk: of them payload; transmit: paged payload bytes
  End from{}, to{};      ///< copy
  Mover by{};            ///< copy
  Context context{};     ///< copy
  FoldedCopy folded[2];  ///< syscall
};

struct Document {
  Run run;
  Ledger ledger;
  std::vector<std::string> names{""};  ///< texts that events refer to
  std::vector<Event> events;           ///< in time order
};

}  // namespace zctrace::timeline
