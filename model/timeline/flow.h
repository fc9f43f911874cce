#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/timeline/copy_stacks.h"
#include "model/timeline/evidence.h"
#include "model/timeline/process.h"

/// What a traced program moved, told apart by where from and where to. Times in ns, sizes in bytes.
namespace zctrace::timeline {

enum class FlowEndKind : uint8_t {
  file,     ///< regular file; name: its path
  socket,   ///< name: "tcp 10.0.0.1:80 - 10.0.0.2:4711" (own end first), "unix /run/x.sock", "udp ..."
  pipe,     ///< name: "pipe:[4711]"
  device,   ///< character or block device, a terminal among them; name: its path
  memory,   ///< of the process: what it made itself, or what went no further; no name
  other,    ///< eventfd, epoll, ...; name as /proc/PID/fd shows it
  process,  ///< another process's memory; name: "process 4711"
};

/// Known by device and inode for as long as it lives: never by descriptor number.
struct FlowEnd {
  FlowEndKind kind = FlowEndKind::memory;
  std::string name;                     ///< empty where it could not be learnt
  uint64_t device = 0, inode = 0;       ///< the kernel's s_dev (major << 20 | minor) and i_ino
  std::string first_name = {};          ///< of a file that was renamed meanwhile: its name at its first use
  std::string filesystem = {};          ///< of a file: "ext4", "overlay", ...; empty where it was not learnt
  std::optional<Process> process = {};  ///< of memory: whose it is, which is the flow's process
  uint64_t peer_inode = 0;              ///< of a socket's other end on this machine, where that is certain; else 0
  uint64_t connections = 0;             ///< of sockets that are told together under this name: how many; else 0
  bool operator==(const FlowEnd&) const = default;
};

/// Its name, or "memory" and so on where it has none.
std::string name_or_kind(const FlowEnd& end);

/// How bytes got from one end to the other, as the calls showed.
enum class FlowMethod : uint8_t {
  read_write,  ///< read into a buffer, written from the same one
  mmap_write,  ///< written from a mapping of the file
  sendfile,
  splice,  ///< through a pipe, by splice alone
  tee,
  direct_io,  ///< read or written with O_DIRECT, past the page cache
  copy_file_range,
  msg_zerocopy,  ///< sent with MSG_ZEROCOPY
  io_uring,      ///< read or written by its requests, in no flow from end to end
  vmsplice,
  read,        ///< into memory, and from there nowhere that was seen
  write,       ///< from memory that no traced call filled
  process_vm,  ///< process_vm_readv, process_vm_writev
};

/// How it is known that what went out at the one end is what came in at the other.
enum class FlowLink : uint8_t {
  call,           ///< one system call named both
  pipe,           ///< spliced into a pipe and out of it again
  mapping,        ///< written from where the file is mapped
  buffer,         ///< written from where the read had put it: that buffer is unchanged wherever it was compared
  none,           ///< one end only: the other is the program's memory
  likely_buffer,  ///< the same, but the buffer was changed where it was not written from
};

/// What transformed bytes: a cipher of the kernel's.
enum class Cipher : uint8_t { other, aes_gcm, aes_ccm, chacha20_poly1305, aes_xts };

/// Why no hook can tell what happened to bytes. The later the more is known.
enum class Unexplained : uint8_t {
  unseen,      ///< no hook saw what moved them
  disk,        ///< the driver of a disk without hardware (loop, zram) moves them in threads of its own
  fuse,        ///< a FUSE file system's program passes them on, in no call of this one
  kernel_tls,  ///< kernel TLS: its cipher reads and writes each of them, unseen (by a device, or no hooks)
};

/// What else copies the bytes of a path, unseen: the copies that are counted are a lower bound. The later the more of
/// them.
enum class Uncounted : uint8_t {
  journal,   ///< ext4 with data=journal: the journal's thread copies pages that change meanwhile
  terminal,  ///< a line discipline, in a kernel thread
  network,   ///< a network file system: kernel threads fill the page cache from a socket, and empty it
};

/// What else was seen of the ends of a path, and of how its bytes went.
enum class Fact : uint8_t {
  loopback,           ///< packets were handed to the loopback device
  no_scatter_gather,  ///< to a network device that takes no page fragments
  no_checksum,        ///< to one that computes no checksum for TCP
  appended,           ///< the file that is written is open with O_APPEND
  pages_made,         ///< the pages that were passed on were filled for the call: the file has none of its own
  no_so_zerocopy,     ///< MSG_ZEROCOPY on a socket without SO_ZEROCOPY
  compressed,         ///< memory that was written begins like a stream of gzip or zstd
};

/// What one method carried between two ends.
struct FlowPart {
  FlowMethod method{};
  FlowLink link = FlowLink::none;
  uint64_t bytes = 0;              ///< that arrived at the far end (of `read`: in memory)
  uint64_t repeated_bytes = 0;     ///< of them: had gone on from the same buffer before, and were not read again
  uint64_t calls = 0;              ///< system calls, those that brought the bytes in among them
  uint64_t requests = 0;           ///< of io_uring and libaio; a request is no mode switch
  uint64_t mode_switches = 0;      ///< two a call
  uint64_t cpu_bytes = 0;          ///< copied by the CPU on the way, the device layer's copies among them
  uint64_t buffer_bytes = 0;       ///< of them: from socket buffer to socket buffer
  bool copies_known = true;        ///< false: copies may have been made that this capture cannot see
  uint64_t unexplained_bytes = 0;  ///< seen neither copied, passed on, fetched nor dropped: not 0, copies not known
  Unexplained unexplained_by{};    ///< why, where there are any
  std::optional<Uncounted> at_least_by;  ///< `cpu_bytes` is a lower bound: others copied too
  uint64_t reference_bytes = 0;          ///< passed on as pages
  uint64_t transform_bytes = 0;        ///< through a cipher of the kernel's, by the CPU; a TLS 1.3 record has one more
  std::vector<Cipher> transform_by;    ///< which, where there are any: sorted
  uint64_t disk_bytes = 0;             ///< block requests issued in its calls: what the page cache did not have
  uint64_t written_bytes = 0;          ///< written to the disk of what it put into a file, whole blocks
  uint64_t written_later_bytes = 0;    ///< of them by the kernel's write-back, in no call of the program
  uint64_t first_ns = 0, last_ns = 0;  ///< its first and last call, from the trace's start
  /// The names of the threads that moved its bytes, in or out, as the kernel has them (15 characters): most bytes
  /// first. Of io_uring's and libaio's requests there are none.
  std::vector<std::string> threads;
  bool more_threads = false;  ///< there were others
  uint64_t tls_bytes = 0;     ///< announced by the heads of TLS records that the program's memory began with
  std::vector<Fact> facts;    ///< sorted
  uint64_t refused = 0;       ///< of the calls: the kernel refused to pass bytes on so, with `error`
  std::string error;          ///< of the first that was refused: "EINVAL"
};

inline constexpr size_t kThreads = 8;  ///< threads that are named of a part

struct Flow {
  FlowEnd from, to;
  std::vector<FlowPart> parts;     ///< at least one; most bytes first
  uint64_t sent_bytes = 0;         ///< of a socket: payload handed to a network device, what was sent again included
  uint64_t sent_linear_bytes = 0;  ///< of them not in page fragments
  bool sent_dma = false;           ///< the device fetches them itself
  std::optional<Process> process = {};   ///< that moved them; nothing where it is not known
  std::vector<std::string> why = {};     ///< ids of the rules that told why it has copies, when it was recorded
  std::vector<CopiedBy> copied_by = {};  ///< which code copied; where that was asked for
};

/// Which flows a person wants to see; no part of a recording. What is not asked for lets everything pass; several
/// values of one kind are alternatives, different kinds must all hold.
struct FlowFilter {
  uint64_t min_bytes = 0;
  std::vector<std::string> processes = {};  ///< a command ("nginx"), or a number ("4711")
  std::vector<std::string> paths = {};      ///< "*" and "?" as in a shell, over "/" too: of either end
  std::vector<uint16_t> ports = {};         ///< of either end's either address
  bool all = false;                         ///< one by one, connections and the files that loaders and interpreters read
};

/// All of a trace. What was too much for the bounded tables is counted, never dropped unseen.
struct Flows {
  std::vector<Flow> list;        ///< most bytes first
  bool writes_followed = false;  ///< what was written to the disk of their files is known
  uint64_t merged = 0;           ///< further flows that were folded into those of `list` whose names are empty
  uint64_t unattributed_bytes = 0,
           unattributed_copies = 0;               ///< copied by the CPU in no known flow (program start-up, ...)
  uint64_t dropped_calls = 0, dropped_bytes = 0;  ///< found no room in the kernel's tables
  FlowFilter shown = {};                          ///< by what shows them
};

/// Names the process of a flow, and of its ends that are memory.
void set_process(Flow& flow, std::optional<Process> process);

/// One flow's parts as one: sums; `method` and `link` of the part with most bytes.
FlowPart total(const Flow& flow);
/// Is it carried by more than one method?
bool is_mixed(const Flow& flow);
/// Does it go on from the one end to the other, as far as was seen?
bool is_linked(const FlowPart& part);
/// All linked parts as one: what the program passed on. Method and link are those of the biggest.
FlowPart passed_on(const Flows& flows);

/// Bytes of all flows, linked or not.
uint64_t moved_bytes(const Flows& flows);

/// How well its copies are known, as far as the capture can see copies at all: exact, at_least or none.
Evidence copies_evidence(const FlowPart& part);
/// Bytes the CPU copied per byte that arrived, a lower bound as copies_evidence() says; nullopt where none arrived or
/// copies may have gone unseen.
std::optional<double> copies_per_byte(const FlowPart& part);
/// Bytes that the CPU transformed per byte that arrived, as far as the kernel does it: what the program does to bytes
/// in its own memory is not seen. nullopt where none arrived or none were seen.
std::optional<double> transforms_per_byte(const FlowPart& part);
/// Bytes that certainly no CPU copied; 0 where copies may have gone unseen.
uint64_t uncopied_bytes(const FlowPart& part);
/// nullopt where no byte arrived.
std::optional<double> mode_switches_per_mib(const FlowPart& part);
/// The share of a file's bytes that no block request had to bring; nullopt where the bytes come from no file.
std::optional<double> cache_reuse(const Flow& flow);

}  // namespace zctrace::timeline
