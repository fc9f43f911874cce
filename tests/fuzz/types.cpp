// The kernel's own description: its symbols and its types, as far as the programs are chosen by them. The types are
// whole, as the kernel checks those that it takes, and say anything: the bytes choose what is added.
#include <bpf/btf.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "tests/fuzz/target.h"
#include "userspace/capture/features.h"
#include "userspace/capture/kernel_symbols.h"

using namespace zctrace;

namespace {

/// Two bytes an entry: what, and of which of the names and types that are there.
btf* types_from(std::string_view bytes) {
  static const char* const kNames[] = {"bpf_find_vma", "filemap_read", "task_struct", "btf_trace_sys_enter",
                                       "copy_page_to_iter", "__sk_buff", "state", "iov_iter"};
  btf* types = btf__new_empty();
  bool composite = false, prototype = false;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto what = static_cast<unsigned char>(bytes[i]), which = static_cast<unsigned char>(bytes[i + 1]);
    const char* name = kNames[which % std::size(kNames)];
    const int type = which % 32;  // may come later, or never
    switch (what % 8) {
      case 0:
        btf__add_int(types, name, 4, 0);
        composite = prototype = false;
        break;
      case 1:
        btf__add_ptr(types, type);
        composite = prototype = false;
        break;
      case 2:
        composite = btf__add_struct(types, name, which) > 0;
        prototype = false;
        break;
      case 3:
        if (composite) btf__add_field(types, name, type, 0, 0);
        break;
      case 4:
        prototype = btf__add_func_proto(types, type) > 0;
        composite = false;
        break;
      case 5:
        if (prototype) btf__add_func_param(types, name, type);
        break;
      case 6:
        btf__add_func(types, name, BTF_FUNC_STATIC, type);
        composite = prototype = false;
        break;
      case 7:
        btf__add_typedef(types, name, type);
        composite = prototype = false;
    }
  }
  return types;
}

}  // namespace

FUZZ_TARGET(types) {
  const size_t end = std::min(input.find('\0'), input.size());
  const capture::KernelSymbols symbols(input.substr(0, end), types_from(input.substr(end)));
  const capture::KernelFeatures features(symbols, {});
  for (const char* name : {"bpf_find_vma", "filemap_read", "copy_page_to_iter"}) {
    symbols.address(name);
    symbols.data(name);
    symbols.arity(name);
    symbols.has_structure(name, "task_struct");
  }
  symbols.tracepoint_arity("sys_enter");
  symbols.has_member("task_struct", "state");
}
