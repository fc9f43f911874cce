#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/timeline/recording.h"
#include "viz/diagram/sequence_rounds.h"

/// A whole run, however long, merged into the columns of a picture.
namespace zctrace::diagram {

/// One figure over the run's time. Adding takes the same time however many columns a thing covers.
class Columns {
 public:
  Columns(Window window, size_t count);

  /// Something went on from `from` to `until`; `times` may be negative.
  void span(uint64_t from, uint64_t until, double times = 1);
  /// Something of that size happened at `at`.
  void amount(uint64_t at, double size);

  /// Per column, shares of its time (span) or sums (amount).
  std::vector<double> values() const;
  /// All spans together in ns, or the sum of the amounts.
  double total() const { return total_; }

 private:
  double place(uint64_t ns) const;

  Window window_;
  std::vector<double> within_, change_;  ///< in the column itself; from this column on
  double total_ = 0;
};

/// What the threads of one side did with their time.
struct Activity {
  Activity(Window window, size_t columns);
  Columns user, kernel, off_in_call, off_in_user;  ///< kernel: running, in calls
  size_t threads = 0;
};

struct Mark {
  uint64_t at;
  uint16_t name;
};

struct Density {
  Density(Window time, size_t columns);
  Window window;
  Activity sender;    ///< the main thread alone
  Activity more;      ///< the sender's other threads
  Activity receiver;  ///< all receivers
  Columns calls, cpu_copies, references, transforms, softirq, disk, transmits, receiver_copies;
  std::vector<Mark> marks;
};

Density density(const timeline::Recording& document, Window window, uint32_t task, size_t columns);

}  // namespace zctrace::diagram
