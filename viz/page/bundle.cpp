#include "viz/page/bundle.h"

extern "C" const char zctrace_page_begin[], zctrace_page_end[];

namespace zctrace::page {

std::string_view bundle() { return {zctrace_page_begin, static_cast<size_t>(zctrace_page_end - zctrace_page_begin)}; }

}  // namespace zctrace::page
