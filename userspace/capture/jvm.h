#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

/// A JVM's library, libjvm.so, and its own probes (USDT, <sys/sdt.h>) at the two functions by which file streams copy
/// between an array and native memory. OpenJDK has them where it was built with DTrace's, as Debian's is.
namespace zctrace::capture {

/// Where a probe has an argument: in a register, or in memory at a distance from what a register holds.
struct ProbeOperand {
  uint32_t reg = 0;  ///< offset in struct pt_regs
  int32_t displacement = 0;
  bool in_memory = false;
  bool operator==(const ProbeOperand&) const = default;
};

struct JvmProbe {
  uint64_t offset = 0;  ///< of its instruction, in the file
  ProbeOperand length;
};

struct JvmProbes {
  JvmProbe set, get;  ///< SetByteArrayRegion: into an array; GetByteArrayRegion: out of one
};

/// The libjvm.so that a running process has mapped, as a path that we can open; empty: none.
std::string jvm_of_process(pid_t pid);

/// The one that a command would start with, which is beside its program (`java`, by its path or as PATH has it); empty:
/// none.
std::string jvm_of_command(const std::string& program);

/// Nothing where the file has no such probes, or has their length where we cannot get at it.
std::optional<JvmProbes> probes_of_jvm(const std::string& library);

/// "-4@%r12d", "-4@-92(%rbp)": an argument of four bytes. Nothing where it is written otherwise.
std::optional<ProbeOperand> parse_operand(const std::string& text);

}  // namespace zctrace::capture
