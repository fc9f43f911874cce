#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/fd.h"

namespace zctrace::lab {

/// One running QEMU and this side's ends of its wires. It is killed and reaped at the end of this object, and dies with
/// this process whatever happens to it.
class Emulator {
 public:
  Emulator(const std::filesystem::path& kernel, const std::filesystem::path& initramfs, unsigned memory_mib,
           const Fd& disk);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  int control() const { return control_.get(); }
  int out() const { return out_.get(); }
  int err() const { return err_.get(); }
  int in() const { return in_.get(); }
  int data() const { return data_.get(); }
  int console() const { return console_.get(); }
  int complaints() const { return complaints_.get(); }  ///< QEMU's own standard error

 private:
  Fd control_, out_, err_, in_, data_, console_, complaints_;
  pid_t process_;
};

}  // namespace zctrace::lab
