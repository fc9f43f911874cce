#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/ledger.h"

/// What the picture of a run shows, on a terminal, in a diagram and on the page: boxes where bytes rest, arrows for how
/// they moved. Those who draw it choose where each stands, never whether it is there.
namespace zctrace::summary {

/// How an arrow looks. `transform`: read and written as other bytes; `handed_over`: given to a device that has no DMA;
/// `doubtful`: copied or not, nobody saw.
enum class ArrowStyle { copy, dma, reference, transform, handed_over, doubtful };

/// Bytes that moved from one box to another, or within one.
struct Arrow {
  timeline::Side side{};
  timeline::End from{}, to{};
  ArrowStyle style = ArrowStyle::copy;
  bool counted = true;       ///< seen event by event, not inferred
  double per_byte = 1;       ///< bytes per byte of payload
  std::string bytes;         ///< "4.00 MiB"
  std::string amount;        ///< "CPU copy 4.00 MiB"
  std::string function;      ///< "_copy_to_iter", "skb_copy_bits in skb_segment"; several: the first and how many more
  std::string calls;         ///< "×1,024"; empty where `function` tells them: "33 requests"
  std::string circumstance;  ///< "78% in softirq"; empty where it goes without saying
  std::string key;           ///< "sender/page cache/user buffer/cpu", in the document's words
  std::string tooltip;       ///< all there is to say of it, in lines

  // The same for some 20 columns.
  std::string short_amount, short_function;

  bool between(timeline::End a, timeline::End b) const { return (from == a && to == b) || (from == b && to == a); }
};

/// A system call in a round: it switches to the kernel and back; or several of a kind, whose order the counts do not
/// tell.
struct Call {
  std::string name;               ///< "read", "splice ×3"
  uint64_t number = 1, last = 2;  ///< its mode switches
  bool unclaimed = false;         ///< where the textbooks say otherwise: they have no such call
};

/// A call that the textbooks have in each round, and that none of the measured one's is.
struct ClaimedCall {
  std::string name;   ///< "mmap"
  size_t before = 0;  ///< the place in the measured round where it would be
};

/// Copies of which the textbooks say otherwise than was measured: how many, not on which way.
struct ClaimedCopies {
  ArrowStyle style{};      ///< who copies
  std::string label;       ///< "CPU copies per byte"
  double measured = 0;     ///< per byte
  std::string value;       ///< the same, "3.00"
  unsigned claimed = 0;    ///< per byte
  std::string claim;       ///< "textbooks: 2"
};

/// A place where bytes rest.
struct Box {
  std::string title, below;
  bool used = true;      ///< bytes came here, or went from here
  bool several = false;  ///< one for each sink
};

/// What stands in the place of an arrow that is not there: "no disk DMA", "not read", "unknown".
struct Remark {
  std::string text, short_text;
  bool unknown = false;  ///< there may be an arrow, nobody saw
};

/// The mode switches of one side, told at three lengths.
struct Switches {
  std::string total;      ///< "256 mode switches"
  std::string per_chunk;  ///< "256 mode switches, 4.00 per chunk"; the total where the chunks are unknown
  std::string causes;     ///< the same and how many were page faults, if any
  std::string claim;      ///< "textbooks: 4" where they say otherwise than was measured; else empty
};

struct Picture {
  std::vector<Arrow> sender, receiver;  ///< in the order in which the bytes travel
  std::vector<Arrow> besides;           ///< of either side, told in words: too small an arrow, or none leads there
  Box user, page_cache, pipe, target, stage, disk, card;
  Box arrival,
      receiver_user;  ///< what the receiver reads, the socket buffer on its side or the very pipe; and where to
  Box receiver_pipe, receiver_file;                   ///< of a receiver that passes the bytes on to a file
  std::string user_on_one_line, device, device_kind;  ///< of `user` and `card`, where a box has few columns
  timeline::End target_end = timeline::End::socket_buffer;
  timeline::End arrival_end = timeline::End::socket_buffer;
  bool has_card = true;  ///< there is a network, and a device to it
  Remark disk_remark, card_remark;
  bool copies_known = true;
  std::vector<Call> round;
  std::vector<ClaimedCall> claimed_calls;    ///< in their order
  std::vector<ClaimedCopies> claimed_copies;
  Switches switches, receiver_switches;
  bool has_receiver = true;
  bool judges_receiver = false;  ///< its arrows are the method's
};

/// `order`: the calls of one round as they came, where their events were kept: counts alone do not tell it.
Picture picture(const timeline::Run& run, const timeline::Ledger& ledger, Language language,
                std::span<const std::string> order = {});

/// Arrows in words: "socket buffer → socket buffer: CPU copy 12.0 KiB (skb_copy_bits ×3); …".
std::string in_words(std::span<const Arrow> arrows, Language language);

}  // namespace zctrace::summary
