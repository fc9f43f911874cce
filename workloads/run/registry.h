#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/note.h"
#include "workloads/run/prepared_receiver.h"

/// The transfer methods. Each file in methods/ registers one; adding a method is adding a file.
namespace zctrace::workloads {

/// What is to be moved, and where to.
struct Job {
  int source;      ///< open for reading, at offset 0
  uint64_t size;   ///< bytes to move, at least 1
  uint64_t chunk;  ///< bytes per round, at least 1
  std::vector<int>
      sinks;  ///< as many as Method::sinks: connected sockets, or pipes or files open for writing; blocking
};

/// A transfer with all its buffers and pipes at hand.
class Prepared {
 public:
  virtual ~Prepared() = default;
  /// Moves the bytes, once. All that the method costs happens in here. Throws Error.
  virtual void transfer() = 0;

  /// What was done otherwise than asked, before the transfer; then also what came of it.
  std::vector<Note> notes;
};

/// Why a method cannot be run, and what to do about it.
struct Missing {
  std::string why, hint;
};

/// What a method needs of the kernel that not every one has.
struct KernelNeed {
  const char* what;                     ///< "io_uring with SEND_ZC"
  const char* since;                    ///< the first Linux that has it, to tell: "6.0"
  std::optional<Missing> (*missing)();  ///< asks the running kernel
};

/// What a method can send into; bits.
enum Paths : unsigned { to_network = 1, to_file = 2, to_pipe = 4, to_any = 7 };

/// Who puts the payload into TLS records (net/tls_record.h), which its sinks open: nobody, kernel TLS on its sockets,
/// or the method in user space.
enum class Seal { none, by_kernel, by_program };

struct Method {
  const char* name;     ///< "read_write"
  const char* summary;  ///< one line
  const char* calls;    ///< the system calls of its loop, "read, write"
  int order;            ///< place in teaching order
  unsigned sinks;       ///< that each receive the whole payload
  std::unique_ptr<Prepared> (*prepare)(const Job&);
  const char* java = nullptr;        ///< what java/Sender.java calls it; `prepare` is null then, for a JVM does it all
  const KernelNeed* need = nullptr;  ///< null: any kernel has all that it uses
  /// Tries what it needs of the work directory's file system that not every one has; null: nothing.
  std::optional<Missing> (*missing_in)(const std::string& work_directory) = nullptr;
  unsigned paths = to_any;  ///< enum Paths
  bool requests = false;    ///< its work is done in requests of io_uring, not in system calls
  Seal seal = Seal::none;
  bool own_passes = false;  ///< it reads or writes the bytes in its own memory too, which nothing sees
  bool fills_pipe = false;  ///< it writes into a pipe of its own, and into no socket
  /// How its sinks receive, of a method that is about that: the receiver is judged then, and the path is a network's.
  std::unique_ptr<PreparedReceiver> (*receive)(const Reception&) = nullptr;  // null: they read into a buffer
};

/// All methods, in teaching order.
const std::vector<Method>& methods();

/// The program that it needs and this machine has not ("there is no JDK"): nor has a guest, which shares our files.
std::optional<Missing> missing_program(const Method& method);
/// Why it cannot be run on this machine with this kernel and this work directory (empty: default_work_directory()):
/// that, or what the kernel or the file system lacks.
std::optional<Missing> missing_for(const Method& method, const std::string& work_directory = {});

/// Can it send over a path of this kind (as make_path takes it)?
bool takes(const Method& method, std::string_view path);
/// Why it cannot.
std::optional<Missing> unfit_for(const Method& method, std::string_view path);
/// Its path where none is asked for: the network's of that kind, if it can send over one.
std::string default_path(const Method& method, const std::string& network);

/// Null if there is none of that name.
const Method* find_method(std::string_view name);

/// A static object of this type in a method's file makes the method known.
struct Registration {
  explicit Registration(const Method& method);
};

}  // namespace zctrace::workloads
