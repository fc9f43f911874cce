#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/timeline/model.h"

/// The words of the timeline document, both ways: End::page_cache <-> "page cache".
namespace zctrace::timeline {

std::string_view text(End end);
std::string_view text(Mover mover);
std::string_view text(Side side);
std::string_view text(Context context);
std::string_view text(Evidence evidence);
std::string_view text(EventKind kind);
std::string_view text(FlowEndKind kind);
std::string_view text(FlowMethod method);
std::string_view text(FlowLink link);
std::string_view text(Uncounted why);
std::string_view text(Unexplained why);
std::string_view text(Cipher cipher);
std::string_view text(Fact fact);
std::string_view text(CpuWork work);
std::string_view text(StackEnd end);

/// The value that `word` names, nothing if none. Defined for each enum above.
template <class Enum>
std::optional<Enum> value_of(std::string_view word);

/// The words of an enum as a person reads them: "disk, page cache, ...". For messages.
template <class Enum>
std::string words();

}  // namespace zctrace::timeline
