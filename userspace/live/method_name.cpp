#include "userspace/live/method_name.h"

namespace zctrace::live {
std::string_view name_of(timeline::FlowMethod method) {
  static constexpr std::string_view kNames[] = {
      "read_write",      "mmap_write",   "sendfile", "splice",   "tee",  "direct_io",
      "copy_file_range", "msg_zerocopy", "io_uring", "vmsplice", "read", "write"};
  return kNames[static_cast<size_t>(method)];
}
}  // namespace zctrace::live
