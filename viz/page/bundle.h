#pragma once

#include <string_view>

namespace zctrace::page {

/// The page without data, as viz/web builds it. The data belongs where kDataMark stands.
std::string_view bundle();

inline constexpr std::string_view kDataMark = "<!--zctrace-->";

}  // namespace zctrace::page
