#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zctrace::commands {

/// What --on-disk takes: existing folders, as absolute paths; not those that a guest has of its own. Throws Error.
std::vector<std::string> folders_to_copy(const std::vector<std::string>& given);

/// Room that they take on the guest's disk.
uint64_t room_for(const std::vector<std::string>& folders);

/// In the guest: copies them to its disk, says how far it is in marked lines on standard error (terminal::Progress),
/// and mounts the copies over them. What was copied is on the disk then, and not in the page cache. Throws Error.
void put_on_disk(const std::vector<std::string>& folders);

}  // namespace zctrace::commands
