#pragma once

#include <filesystem>
#include <functional>

#include "base/fd.h"

namespace zctrace::lab {

/// The user's folder for lab kernels: $XDG_CACHE_HOME/zctrace, else ~/.cache/zctrace. Not created here.
std::filesystem::path cache_folder();

/// Creates the folder, or throws an Error that says why it cannot be written and how to choose another one.
void make_writable(const std::filesystem::path& folder);

/// Holds an exclusive lock on a file for as long as it lives; a second holder waits, and meanwhile calls `waiting` some
/// times a second, which may throw. Freed even by kill -9.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file, const std::function<void()>& waiting = {});

 private:
  Fd fd_;
};

}  // namespace zctrace::lab
