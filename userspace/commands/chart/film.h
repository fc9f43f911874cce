#pragma once

#include <string>

#include "viz/diagram/animate.h"

/// Films of an animated diagram: drawn frame by frame, rasterized by rsvg-convert, joined by ffmpeg.
namespace zctrace::commands {

/// Is that a name of a film: .mp4, .gif?
bool is_film(const std::string& path);

/// The bytes of the film: H.264 that every player knows, 25 frames a second, or a GIF that never ends, 12.5 frames a
/// second. Nothing of it has a name in a file system meanwhile. Throws Error (failed) where a program is missing or
/// fails.
std::string film(const diagram::AnimatedFlow& flow, const std::string& path);

}  // namespace zctrace::commands
