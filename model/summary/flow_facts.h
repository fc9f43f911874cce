#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/ledger.h"

/// What the flow diagram shows of a run, wherever it is put. Its parts have a namespace of their own: other diagrams
/// have places and arrows too.
namespace zctrace::summary {

/// How an arrow looks. `handed_over`: given to a device that has no DMA; `doubtful`: copied or not, nobody saw.
enum class Look { copy, dma, reference, handed_over, doubtful };

/// Bytes that moved, as an arrow.
struct Moved {
  timeline::End from{}, to{};
  Look look = Look::copy;
  bool counted = true;       ///< seen event by event, not inferred
  double per_byte = 1;       ///< bytes per byte of payload
  std::string amount;        ///< "CPU copy 4.00 MiB"
  std::string function;      ///< "_copy_to_iter", "skb_copy_bits in skb_segment"; several: the first and how many more
  std::string calls;         ///< "×1,024", "33 requests"
  std::string circumstance;  ///< "78% in softirq"; empty where it goes without saying
  std::string key;           ///< "sender/page cache/user buffer/cpu", in the document's words
  std::string tooltip;       ///< all there is to say of it, in lines
};

/// A call in a round: it switches to the kernel and back; or several of a kind, whose order the counts do not tell.
struct Call {
  std::string name;               ///< "read", "splice ×3"
  uint64_t number = 1, last = 2;  ///< its mode switches
};

struct Place {
  std::string title, below;
  bool used = true;
  bool several = false;
};

struct Facts {
  std::vector<Moved> sender, receiver;  ///< worth an arrow, in the order in which the bytes travel
  std::vector<Moved> besides;  ///< of either side: less than a hundredth of the payload, or where no arrow leads
  Place user, page_cache, pipe, target, stage, disk, card;
  Place arrival;  ///< what the receiver reads: the socket buffer on its side, or the very pipe
  timeline::End target_end = timeline::End::socket_buffer;
  timeline::End arrival_end = timeline::End::socket_buffer;
  bool has_card = true;                  ///< there is a network, and a device to it
  std::string disk_remark, card_remark;  ///< instead of an arrow: "no disk DMA", "not read", "unknown"
  bool copies_known = true;
  std::vector<Call> round;
  std::string switches;  ///< "256 mode switches, 4.00 per chunk"
  bool has_receiver = true;
  std::string receiver_switches;
};

Facts facts(const timeline::Run& run, const timeline::Ledger& ledger, Language language);

}  // namespace zctrace::summary
