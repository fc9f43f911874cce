#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"

struct bpf_object;

/// To load the programs is half of zctrace's start under emulation: a guest of the lab has them loaded before its state
/// is kept, pinned in its bpffs.
namespace zctrace::capture {

struct Options;

/// Where those of a session with these options are pinned.
std::filesystem::path preloaded_folder(const Options& options);

/// Pins the maps and the programs of a loaded object. Throws Error.
void pin_for_later(const std::filesystem::path& folder, const bpf_object* object);

/// Where all that the object would load is pinned: gives it the pinned maps, so that its loading makes none and loads
/// no program, and returns the programs by name. They are for one session: no pin remains. Else returns nothing and
/// changes nothing.
std::vector<std::pair<std::string, Fd>> adopt_preloaded(const std::filesystem::path& folder, bpf_object* object);

}  // namespace zctrace::capture
