#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "userspace/lab/emulator.h"
#include "userspace/lab/kernel.h"

namespace zctrace::lab {

/// A booted guest that waits for its request, kept as a file: the next ones start from it and need not boot.
class Snapshot {
 public:
  /// Of guests made so. Theirs alone: another QEMU, kernel, parameter, initramfs, or boot of the host (the emulated
  /// processors' clock runs at the rate that the host's had when the guest booted) is another snapshot's.
  /// `prepare`: GuestRequest's.
  Snapshot(const Kernel& kernel, const Machine& machine, const std::vector<std::string>& prepare);

  /// Open for reading, or nothing where there is none yet.
  Fd open() const;
  /// Keeps what `save` writes to the descriptor. A failure only costs later guests their boot: it is ignored.
  void keep(const std::function<void(int)>& save) const;
  /// It does not start: the next guest boots.
  void discard() const;

 private:
  std::string release_, depends_on_;
};

}  // namespace zctrace::lab
