#pragma once

#include <cstdint>
#include <string>

#include "viz/diagram/playback.h"

/// A playback in words, for the animated picture and the page.
namespace zctrace::diagram {

/// The arrow of that key; null where the picture has none.
const summary::Arrow* arrow_of(const summary::Picture& picture, const std::string& key);

/// What is beside an arrow with "{}" where its bytes are: "CPU copy {}".
std::string amount_pattern(const summary::Arrow& arrow);
/// The same with so many bytes; of no arrow the bytes alone.
std::string amount_of(const summary::Arrow* arrow, uint64_t bytes);

/// "read: user mode → kernel mode", "CPU copy 64.0 KiB: page cache → user buffer".
std::string sentence(const Playback& play, const Step& step, const summary::Picture& picture, Language language);

/// How fast the steps behind the first round go.
std::string speed(const Playback& play, Language language);

/// Which calls of the receiver took the first chunk, or why that is not known; empty where nobody receives it.
std::string received(const Playback& play, Language language);

/// What to keep in mind of its times; and, on a line of its own, that events are missing, empty where none are.
std::string caution(const timeline::Run& run, Language language);
std::string missing(const timeline::Run& run, const Playback& play, Language language);

}  // namespace zctrace::diagram
