// What tells of code: /proc/kallsyms, /proc/PID/maps, and the notes of a library that a traced program has mapped.
#include <algorithm>
#include <string>

#include "tests/fuzz/target.h"
#include "userspace/capture/code_maps.h"
#include "userspace/capture/jvm.h"
#include "userspace/capture/kallsyms.h"

using namespace zctrace;

FUZZ_TARGET(code) {
  size_t bytes = 0;
  capture::each_symbol_in(input, [&](const capture::KernelSymbol& symbol) { bytes += symbol.name.size() + symbol.module.size(); });
  fuzz::must(bytes <= input.size());
  capture::CodeSpace space;
  for (std::string_view rest = input; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    capture::CodeMaps::add_line(space, line);
    capture::parse_operand(std::string(line));
  }
  const fuzz::BytesAsFile file(input);
  capture::probes_of_jvm(file.path());
}
