#pragma once

#include "model/language/language.h"
#include "model/summary/picture.h"

namespace zctrace::summary {

/// What stands on a way of which nobody has said yet what goes there.
inline constexpr const char* kAsked = "?";

/// The boxes, and each way that bytes may take as a question: the same for every method, so that it gives no answer
/// away. `known`: where the bytes go, what the devices are, and whether there is a pipe and a card.
Picture question(const Picture& known, Language language);

/// The same before anything is known of a run to a socket.
Picture question(bool pipe, Language language);

}  // namespace zctrace::summary
