#include <algorithm>
#include <vector>

#include "base/io.h"
#include "workloads/methods/piece_ring.h"
#include "workloads/methods/uring.h"
#include "workloads/methods/zerocopy_socket.h"
#include "workloads/net/tcp.h"

namespace zctrace::workloads {
namespace {

// Since 6.2 (e307e6698165), and so not in every system's headers.
constexpr unsigned kReportUsage = 1U << 3;   // IORING_SEND_ZC_REPORT_USAGE
constexpr uint32_t kUsageCopied = 1U << 31;  // IORING_NOTIF_USAGE_ZC_COPIED

constexpr uint64_t kRead = 1 << 16, kSend = 2 << 16, kPiece = kRead - 1;

/// Does this kernel take a flag that tells whether it copied? It refuses those that it does not know.
bool tells_usage() {
  const SocketPair pair = tcp_pair();
  Ring ring(2);
  const char byte = 0;
  io_uring_prep_send_zc(&ring.add(0), pair.one.get(), &byte, 1, 0, kReportUsage);
  ring.submit_and_wait(1);
  const Ring::Result first = ring.wait();
  if (first.flags & IORING_CQE_F_MORE) ring.wait();
  return first.value == 1;
}

class UringSendZc : public Prepared {
 public:
  explicit UringSendZc(const Job& job)
      : job_(job),
        pieces_(std::min(job.chunk, job.size), job.size),
        tells_usage_(tells_usage()),
        lent_(pieces_.count()),
        ring_(2 * pieces_.count() + 2) {
    ring_.register_pieces(pieces_.at(0), pieces_.stride(), pieces_.count());
  }

  void transfer() override {
    unsigned piece = 0;
    for (uint64_t done = 0; done < job_.size; piece = (piece + 1) % pieces_.count()) {
      while (lent_[piece] > 0) take(ring_.wait());  // until TCP has no more use for its pages
      const uint64_t wanted = std::min(job_.chunk, job_.size - done);
      io_uring_sqe& read = ring_.add(kRead | piece);
      io_uring_prep_read_fixed(&read, job_.source, pieces_.at(piece), static_cast<unsigned>(wanted), done,
                               static_cast<int>(piece));
      read.flags |= IOSQE_IO_LINK;  // a read that comes short cancels the send
      add_send(piece, 0, wanted);
      got_ = sent_ = 0;
      take_results(2);
      if (got_ == 0) throw source_shrank(done, job_.size);
      while (sent_ < got_) {
        add_send(piece, sent_, got_ - sent_);
        take_results(1);
      }
      done += got_;
    }
    for (const unsigned& notices : lent_)
      while (notices > 0) take(ring_.wait());
    notes.push_back(tells_usage_ ? completions_note(copied_, sends_, "IORING_NOTIF_USAGE_ZC_COPIED")
                                 : Note{"this kernel's completions do not say whether a zero-copy send was copied "
                                        "(IORING_SEND_ZC_REPORT_USAGE)",
                                        "note_completions_untold",
                                        {"IORING_SEND_ZC_REPORT_USAGE"}});
  }

 private:
  void add_send(unsigned piece, uint64_t from, uint64_t bytes) {
    io_uring_sqe& send = ring_.add(kSend | piece);
    io_uring_prep_send_zc(&send, job_.sinks[0], pieces_.at(piece) + from, bytes, MSG_WAITALL | MSG_NOSIGNAL,
                          tells_usage_ ? kReportUsage : 0);
    send.ioprio |= IORING_RECVSEND_FIXED_BUF;
    send.buf_index = static_cast<uint16_t>(piece);
  }

  /// Submits, and takes that many results of reads and sends; notices that pages are free may be among them.
  void take_results(unsigned wanted) {
    ring_.submit_and_wait(wanted);
    while (wanted > 0)
      if (take(ring_.wait())) wanted--;
  }

  /// True if it was a request's own result, not a notice.
  bool take(const Ring::Result& result) {
    const auto piece = static_cast<unsigned>(result.tag & kPiece);
    if (result.flags & IORING_CQE_F_NOTIF) {
      lent_[piece]--;
      if (tells_usage_ && static_cast<uint32_t>(result.value) & kUsageCopied) copied_++;
      return false;
    }
    if (result.tag & kRead) {
      got_ = moved_by(result, "reading the source");
      return true;
    }
    sent_ += moved_by(result, "sending to the sink");
    if (result.flags & IORING_CQE_F_MORE) {
      lent_[piece]++;
      sends_++;
    }
    return true;
  }

  Job job_;
  PieceRing pieces_;
  bool tells_usage_;
  std::vector<unsigned> lent_;  ///< by piece: notices that are due
  uint64_t got_ = 0, sent_ = 0, copied_ = 0, sends_ = 0;
  Ring ring_;
};

const KernelNeed need{"io_uring with SEND_ZC", "6.0", [] {
                        return missing_uring({IORING_OP_READ_FIXED, IORING_OP_SEND_ZC});
                      }};

const Registration uring_send_zc_registration({
    .name = "uring_send_zc",
    .summary = "io_uring: a read with a zero-copy send linked behind it, both of a registered buffer",
    .calls = "io_uring_enter (READ_FIXED + SEND_ZC)",
    .order = 67,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<UringSendZc>(job); },
    .need = &need,
    .paths = to_network,
    .requests = true,
});

}  // namespace
}  // namespace zctrace::workloads
