#include <doctest/doctest.h>

#include <set>
#include <string>

#include "workloads/run/registry.h"

namespace workload_registry_test {

using namespace zctrace;
using namespace zctrace::workloads;

TEST_CASE("the registry lists every method once, in teaching order") {
  std::vector<std::string> names;
  for (const Method& method : methods()) names.push_back(method.name);
  CHECK(names == std::vector<std::string>{"read_write",
                                          "preadv2_writev",
                                          "mmap_write",
                                          "mmap_populate",
                                          "sendfile",
                                          "splice",
                                          "tee",
                                          "vmsplice",
                                          "direct_io",
                                          "msg_zerocopy",
                                          "mmap_zerocopy",
                                          "uring_read_send",
                                          "uring_send_zc",
                                          "uring_splice",
                                          "uring_direct",
                                          "java_transferto",
                                          "java_mapped",
                                          "java_stream",
                                          "copy_file_range",
                                          "reflink",
                                          "openssl_write",
                                          "ktls_send",
                                          "ktls_sendfile",
                                          "recv",
                                          "recv_splice",
                                          "tcp_zerocopy_receive"});
}

TEST_CASE("a method says what it is") {
  for (const Method& method : methods()) {
    CAPTURE(method.name);
    CHECK(std::string(method.summary).size() > 10);
    CHECK(std::string(method.calls).size() > 3);
    CHECK(method.sinks == (method.name == std::string("tee") ? 2 : 1));
    CHECK(find_method(method.name) == &method);
  }
  CHECK(find_method("teleport") == nullptr);
  CHECK(find_method("") == nullptr);
}

}  // namespace workload_registry_test
