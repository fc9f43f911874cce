#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/timeline/flow.h"

/// Ways of bytes through several flows: what one process put into a pipe or a connection, and another took out of it.
namespace zctrace::timeline {

/// Why it is not known how often each byte of a chain was copied in all: its flows did not move the same bytes.
enum class ChainBreak : uint8_t {
  none,
  also_in,     ///< other flows went into the same pipe or connection
  also_out,    ///< others came out of it
  not_out,     ///< not all that went in came out: it lay there still, was lost, or was not seen
  not_in,      ///< more came out than was seen to go in
  sent_again,  ///< bytes went on more than once from the buffer that they had been read into
};

struct Chain {
  std::vector<size_t> flows;  ///< of Flows::list, by number: two or more, in the order in which the bytes took them
  uint64_t bytes_at_least = 0;  ///< that must have taken the whole way: 1 and more
  uint64_t bytes_at_most = 0;   ///< those of its smallest flow
  ChainBreak broken{};          ///< the first, along the way
  size_t broken_after = 0;      ///< where: after that one of `flows`
  uint64_t broken_bytes = 0;    ///< by so many
  std::optional<FlowPart> whole = {};  ///< its flows added up, `bytes` being those of each; nullopt where `broken`
};

/// What is certain, of the flows that were seen: one pipe by device and inode, one connection by what the kernel has of
/// its two ends (FlowEnd::peer_inode); and some of the bytes that went in with the first flow must be among those that
/// came out with the last. Through a program's memory nothing is joined but what is linked, and nothing through files.
/// Each flow that is joined is in a chain at least, with those of its neighbours that moved most bytes. Most bytes
/// first.
std::vector<Chain> chains(const Flows& flows);

/// Its word in the document; empty for `none`.
std::string_view text(ChainBreak by);

}  // namespace zctrace::timeline
