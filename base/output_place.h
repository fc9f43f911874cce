#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

/// What a name that output goes to stands for.
namespace zctrace {

/// How a file of that name is written.
enum class OutputWay {
  made,      ///< there is none: it appears whole
  replaced,  ///< a plain file with this one name: a whole one takes its place, its mode and its owner
  copied,    ///< a plain file with more names or behind a link: its content is replaced, once it is known whole
  direct,    ///< a device, a pipe, a descriptor of ours: it gets what comes as it comes
};

struct OutputPlace {
  OutputWay way = OutputWay::made;
  std::optional<int> descriptor;  ///< of ours, which /dev/stdout and the like name: it is shared, not opened anew
  struct stat facts = {};         ///< of the file, unless it is to be made
};

/// Throws Error where nothing can be written under that name: a directory, a name too long, no
/// permission. `option` asked for it.
OutputPlace place_of(const std::string& path, const std::string& option = "-o");

/// Of a file or folder made anew: under sudo, in a folder of who called it, it is theirs.
void give_to_caller(int fd, const std::filesystem::path& folder);

}  // namespace zctrace
