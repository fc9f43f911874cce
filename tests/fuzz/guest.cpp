// The lab's protocol: what the guest is told to run, as its first process reads it; and what it says, as we do.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/fuzz/target.h"
#include "userspace/lab/console.h"
#include "userspace/lab/replies.h"
#include "userspace/lab/vmlinux.h"
extern "C" {
#include "userspace/lab/init/init.h"
}

using namespace zctrace;

namespace {

void read_as_request(std::string_view input) {
  std::vector<char> fields(input.begin(), input.end());  // of just this size, so that a byte more is a fault
  request request{};
  if (parse_request(fields.data(), fields.size(), &request) != nullptr) return;
  size_t bytes = strlen(request.folder);
  for (char** list : {request.command, request.environment})
    for (; *list; ++list) bytes += strlen(*list);
  fuzz::must(request.command[0] && bytes < input.size());
  std::free(request.command);
  std::free(request.environment);
}

void read_as_replies(std::string_view input) {
  std::vector<lab::Reply> whole, pieces;
  lab::Replies().add(input, [&](const lab::Reply& reply) { whole.push_back(reply); });
  lab::Replies cut;
  for (size_t at = 0; at < input.size(); at += 7)
    cut.add(input.substr(at, 7), [&](const lab::Reply& reply) { pieces.push_back(reply); });
  fuzz::must(whole.size() == pieces.size());
}

}  // namespace

FUZZ_TARGET(guest) {
  read_as_request(input);
  read_as_replies(input);
  lab::Console console;
  console.add(input);
  console.panic();
  console.telling_lines();
  lab::vmlinux_in(input);
}
