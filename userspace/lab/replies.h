#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace zctrace::lab {

/// What the guest's first process (init/init.c) says on the control port.
struct Reply {
  enum class Kind { parked, prepared, booted, cannot_go_on, ended };
  Kind kind{};
  std::string why = {};                               ///< it cannot go on
  int status = 0;                                     ///< of the command that has ended; 128 + signal
  int killed_by = 0;                                  ///< the signal that ended it, where one did
  uint64_t out_bytes = 0, err_bytes = 0, data_bytes = 0;  ///< that it has written: some may still be on their way
};

/// Cuts it into lines. Whoever is root in the guest may write there, too: what is no reply is passed over, and a line
/// without an end is not kept.
class Replies {
 public:
  void add(std::string_view bytes, const std::function<void(const Reply&)>& take);

 private:
  std::string line_;  ///< not yet complete
};

}  // namespace zctrace::lab
