#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"

/// Descriptors of every kind, with their other ends at hand, so that one process can feed and empty them.
namespace zctrace::workloads {

enum class EndKind {
  file,  ///< a regular one, on the disk
  pipe,
  socket,  ///< connected TCP over loopback
  device,  ///< /dev/zero to take from, /dev/null to give to
};

inline constexpr EndKind kEndKinds[] = {EndKind::file, EndKind::pipe, EndKind::socket, EndKind::device};

/// "file", "pipe", "socket", "device"
const char* name_of(EndKind kind);

struct End {
  EndKind kind;
  Fd fd;     ///< the descriptor in question; where it could block, O_NONBLOCK
  Fd other;  ///< what feeds or empties it, if it has another end
};

/// An unlinked file of this content in the directory (empty: the default one), at offset 0. Throws Error.
Fd make_file(std::span<const std::byte> content, const std::string& directory);

/// A descriptor from which `payload` can be read at once; /dev/zero has zeros instead. Throws Error.
End end_to_take_from(EndKind kind, std::span<const std::byte> payload, const std::string& directory);

/// An empty descriptor with room for a few pages. Throws Error.
End end_to_give_to(EndKind kind, const std::string& directory);

/// Whether what was given to it is `expected`; not for a device, which forgets it.
bool came_out(const End& end, std::span<const std::byte> expected);

}  // namespace zctrace::workloads
