#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"

struct bpf_object;

/// To load the programs and to attach them is most of zctrace's start under emulation, and to detach them most of its
/// end: a guest of the lab has them loaded before its state is kept, and attached from a session to the next one like
/// it. They are pinned in its bpffs.
namespace zctrace::capture {

struct Options;

using Named = std::vector<std::pair<std::string, Fd>>;

/// What a session took over, by its programs' names. No links where they were only loaded.
struct Preloaded {
  Named programs, links;
};

/// Where those of a session with these options are pinned.
std::filesystem::path preloaded_folder(const Options& options);

/// Pins the maps and the programs of a loaded object, those that are `taken_over` too, and the links. Throws Error, and
/// pins nothing, where it cannot, and where there are some already.
void pin_for_later(const std::filesystem::path& folder, const bpf_object* object, const Preloaded& taken_over,
                   const Named& links);

/// Where all that the object would load is pinned: gives it the pinned maps, and returns the programs and the links.
/// The object needs no loading then, for which libbpf would read all types of the kernel. They are for one session: no
/// pin remains. Else returns nothing and changes nothing.
Preloaded adopt_preloaded(const std::filesystem::path& folder, bpf_object* object);

/// In place of loading the object: its variables are those of the programs that were taken over.
void share_preloaded_data(const bpf_object* object);

}  // namespace zctrace::capture
