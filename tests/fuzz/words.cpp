// Words of a command line: each line of the input is one, and is given to all that read such.
#include <algorithm>
#include <sstream>

#include "base/cgroup.h"
#include "base/text.h"
#include "base/units.h"
#include "model/expect/expectation.h"
#include "tests/fuzz/target.h"
#include "userspace/commands/support/option_values.h"
#include "workloads/file/mountinfo.h"
#include "workloads/net/offload.h"

using namespace zctrace;

FUZZ_TARGET(words) {
  std::istringstream lines{std::string(input)};
  for (std::string line; std::getline(lines, line);) {
    fuzz::may_refuse([&] {
      const uint64_t size = parse_size(line);
      if (const std::string text = format_size(size); !text.ends_with(" B")) fuzz::must(parse_size(text) == size);
      format_bytes(size);
    });
    fuzz::may_refuse([&] {
      const auto once = expect::parse(line);
      const auto again = expect::parse(once.text);
      fuzz::must(again.quantity == once.quantity && again.value == once.value && again.relation == once.relation);
    });
    fuzz::may_refuse([&] { workloads::parse_offload(line); });
    fuzz::may_refuse([&] { commands::parse_seconds(line, "--duration"); });
    for (const int width : {1, 2, 20, 80}) {
      fuzz::must(columns(fit(line, width)) <= width);
      fuzz::must(columns(shorten(line, width)) <= width);
      fuzz::must(columns(pad(line, width)) == width);
      for (const auto& part : wrap(line, width)) fuzz::must(columns(part) <= std::max(width, 2));
    }
    workloads::parse_mount(line);
    service_of_cgroup(line);
    container_of_cgroup(line);
  }
  parse_cgroup_file(input);
}
