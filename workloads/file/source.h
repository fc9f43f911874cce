#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/fd.h"
#include "workloads/file/disk.h"

/// The file that is transferred.
namespace zctrace::workloads {

enum class Cache { cold, warm };

struct SourceOptions {
  std::string file = {};  ///< the user's file; empty: one is generated, unlinked, so that nothing stays behind
  std::optional<uint64_t> size = {};  ///< bytes from the start; without: the whole file, or 4 MiB generated
  bool copy = false;                  ///< transfer a copy of the user's file, in the work directory: from its disk
  std::string work_directory = {};    ///< for what is generated or copied; empty: default_work_directory()
  Cache cache = Cache::cold;          ///< cold: dropped from the page cache; warm: read into it
};

struct Source {
  Fd fd;             ///< open for reading
  std::string file;  ///< the user's file, or empty for a generated one
  std::string work_directory;
  uint64_t size = 0;
  Cache cache = Cache::cold;
  unsigned device_major = 0, device_minor = 0;  ///< st_dev: whose pages these are
  uint64_t inode = 0;
  Disk disk;
  uint64_t resident_bytes = 0;  ///< of them in the page cache when prepared
  bool resident_known = false;  ///< false: this user may not ask (a file of somebody else's)
};

/// The lab's disk, else /var/tmp or the first place that is on a disk and may be written to.
std::string default_work_directory();

/// Bytes that the transfer would move, without preparing it. Throws Error where the user's file cannot be a source.
uint64_t source_size(const SourceOptions& options);

/// Opens or generates the file, at offset 0, and brings the page cache into the state asked for. Throws Error.
Source prepare_source(const SourceOptions& options);

/// Brings the page cache into that state again, for another transfer of the same source.
void renew_cache(const Source& source);

/// The generated file's content: each 8-byte word is a function of its index, and no word occurs twice.
/// Fills `words` with the words from number `first` on.
void fill_pattern(std::span<uint64_t> words, uint64_t first);

}  // namespace zctrace::workloads
