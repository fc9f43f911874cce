#include <algorithm>
#include <vector>

#include "base/io.h"
#include "workloads/methods/direct_source.h"
#include "workloads/methods/piece_ring.h"
#include "workloads/methods/uring.h"

namespace zctrace::workloads {
namespace {

constexpr uint64_t kSend = ~uint64_t{0};  // else a tag is the number of the round that is read

class UringDirect : public Prepared {
 public:
  explicit UringDirect(const Job& job)
      : job_(job),
        source_(job),
        pieces_(source_.buffer_bytes(), job.size, source_.buffer_alignment()),
        rounds_((job.size + source_.chunk - 1) / source_.chunk),
        filled_(pieces_.count()),
        ring_(pieces_.count() + 1) {
    notes = source_.notes;
    ring_.register_pieces(pieces_.at(0), pieces_.stride(), pieces_.count());
  }

  void transfer() override {
    while (sent_rounds_ < rounds_) {
      for (; read_rounds_ < rounds_ && read_rounds_ < sent_rounds_ + pieces_.count(); read_rounds_++) {
        filled_[piece_of(read_rounds_)] = 0;
        add_read(read_rounds_);
      }
      // One at a time, for a stream has an order.
      if (!sending_ && sent_rounds_ < read_rounds_ && filled_[piece_of(sent_rounds_)] == size_of(sent_rounds_))
        add_send();
      ring_.submit_and_wait(1);
      while (const auto result = ring_.take()) take(*result);
    }
  }

 private:
  unsigned piece_of(uint64_t round) const { return static_cast<unsigned>(round % pieces_.count()); }
  uint64_t size_of(uint64_t round) const { return std::min(source_.chunk, job_.size - round * source_.chunk); }

  void add_read(uint64_t round) {
    const unsigned piece = piece_of(round);
    const uint64_t from = filled_[piece], left = source_.round_up(size_of(round)) - from;
    io_uring_prep_read_fixed(&ring_.add(round), source_.fd.get(), pieces_.at(piece) + from, static_cast<unsigned>(left),
                             round * source_.chunk + from, static_cast<int>(piece));
  }

  void add_send() {
    sending_ = true;
    io_uring_prep_send(&ring_.add(kSend), job_.sinks[0], pieces_.at(piece_of(sent_rounds_)) + sent_,
                       size_of(sent_rounds_) - sent_, MSG_WAITALL | MSG_NOSIGNAL);
  }

  void take(const Ring::Result& result) {
    if (result.tag == kSend) {
      sending_ = false;
      sent_ += moved_by(result, "sending to the sink");
      if (sent_ < size_of(sent_rounds_)) return;
      sent_ = 0;
      sent_rounds_++;
      return;
    }
    const uint64_t round = result.tag, start = round * source_.chunk, got = moved_by(result, "reading the source");
    uint64_t& filled = filled_[piece_of(round)];
    if (got == 0) throw source_shrank(start + filled, job_.size);
    filled = std::min(filled + got, size_of(round));
    if (filled == size_of(round)) return;
    source_.check_short(start + filled);
    add_read(round);
  }

  Job job_;
  DirectSource source_;
  PieceRing pieces_;
  uint64_t rounds_, read_rounds_ = 0, sent_rounds_ = 0;
  std::vector<uint64_t> filled_;  ///< by piece, bytes
  uint64_t sent_ = 0;             ///< bytes of the round that is sent now
  bool sending_ = false;
  Ring ring_;
};

const KernelNeed need{"io_uring", "5.6", [] { return missing_uring({IORING_OP_READ_FIXED, IORING_OP_SEND}); }};

const Registration uring_direct_registration({
    .name = "uring_direct",
    .summary = "io_uring: many reads in flight past the page cache, sent in order",
    .calls = "io_uring_enter (READ_FIXED with O_DIRECT + SEND)",
    .order = 69,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<UringDirect>(job); },
    .need = &need,
    .paths = to_network,
    .requests = true,
});

}  // namespace
}  // namespace zctrace::workloads
