#include "workloads/file/source.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "base/interrupt.h"
#include "base/io.h"
#include "workloads/file/cache.h"
#include "workloads/file/unlinked_file.h"

namespace zctrace::workloads {
namespace {

constexpr uint64_t kDefaultSize = 4U << 20;

Error failed(std::string what, std::string hint = {}) {
  return Error(ExitStatus::failed, std::move(what), std::move(hint));
}

/// A file of `size` bytes without a name. `fill` makes the bytes from an offset on.
Fd make_unlinked(const std::string& directory, uint64_t size,
                 const std::function<void(std::span<std::byte>, uint64_t at)>& fill) {
  Fd file = create_unlinked(directory, size);
  const uint64_t free = free_bytes(file.get());
  // Reserved before anything is written, so that the file lies in few extents.
  if (fallocate(file.get(), 0, 0, static_cast<off_t>(size)) < 0 && errno != EOPNOTSUPP) {
    throw no_room(errno, free, directory, size);
  }
  std::vector<std::byte> block(1U << 20);
  for (uint64_t at = 0; at < size;) {
    const size_t length = std::min<uint64_t>(block.size(), size - at);
    fill(block, at);
    for (size_t written = 0; written < length;) {
      // Not write: the descriptor shall stand at the start of the file.
      const off_t place = static_cast<off_t>(at + written);
      const ssize_t taken =
          uninterrupted([&] { return pwrite(file.get(), block.data() + written, length - written, place); });
      if (taken < 0) throw no_room(errno, free, directory, size);
      written += static_cast<size_t>(taken);
    }
    at += length;
    if (InterruptGuard::count()) throw Error(ExitStatus::interrupted, "interrupted before the transfer began");
    // Nothing interrupts fsync: it is not left with more than this.
    constexpr uint64_t kAtOnce = 64U << 20;
    if (at % kAtOnce == 0)
      sync_file_range(file.get(), static_cast<off_t>(at - kAtOnce), kAtOnce,
                      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  }
  if (fsync(file.get()) < 0) throw no_room(errno, free, directory, size);
  return file;
}

Fd generate(const std::string& directory, uint64_t size) {
  return make_unlinked(directory, size, [](std::span<std::byte> block, uint64_t at) {
    fill_pattern({reinterpret_cast<uint64_t*>(block.data()), block.size() / sizeof(uint64_t)}, at / sizeof(uint64_t));
  });
}

Fd copy_of(const Fd& original, const std::string& directory, uint64_t size) {
  return make_unlinked(directory, size, [&](std::span<std::byte> block, uint64_t at) {
    const size_t length = std::min<uint64_t>(block.size(), size - at);
    for (size_t read = 0; read < length;) {
      const off_t place = static_cast<off_t>(at + read);
      const ssize_t got =
          uninterrupted([&] { return pread(original.get(), block.data() + read, length - read, place); });
      if (got < 0) throw system_error("copying the file");
      if (got == 0) throw source_shrank(at + read, size);
      read += static_cast<size_t>(got);
    }
  });
}

Fd open_users_file(const std::string& name, std::optional<uint64_t> wanted, uint64_t& size) {
  // O_NONBLOCK, lest a named pipe keep us waiting; a regular file does not mind it.
  Fd file(open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) throw failed(fmt::format("there is no file {}", name));
    if (errno == EACCES || errno == EPERM) {
      throw Error(ExitStatus::not_permitted, fmt::format("no permission to read {}", name), "ls -l " + name);
    }
    throw system_error("opening " + name);
  }
  struct stat facts {};
  if (fstat(file.get(), &facts) < 0) throw system_error("asking about " + name);
  if (S_ISDIR(facts.st_mode)) throw failed(fmt::format("{} is a directory", name), "name a file inside it");
  if (!S_ISREG(facts.st_mode))
    throw failed(fmt::format("{} is not a regular file", name), "copy its content to a regular file");
  if (facts.st_size == 0) throw failed(fmt::format("{} is empty, so there is nothing to transfer", name));
  size = wanted.value_or(static_cast<uint64_t>(facts.st_size));
  if (size > static_cast<uint64_t>(facts.st_size)) {
    throw failed(fmt::format("{} has {} bytes, fewer than --size {}", name, facts.st_size, size),
                 "omit --size to transfer the whole file");
  }
  return file;
}

bool in_memory(const char* directory) {
  struct statfs facts {};
  return statfs(directory, &facts) == 0 && (facts.f_type == TMPFS_MAGIC || facts.f_type == RAMFS_MAGIC);
}

}  // namespace

std::string default_work_directory() {
  for (const char* place : {"/run/zctrace/disk", "/var/tmp", ".", "/tmp"}) {
    if (access(place, W_OK | X_OK) == 0 && !in_memory(place)) return place;
  }
  return "/var/tmp";
}

uint64_t source_size(const SourceOptions& options) {
  uint64_t size = options.size.value_or(kDefaultSize);
  if (!options.file.empty()) open_users_file(options.file, options.size, size);
  return size;
}

Source prepare_source(const SourceOptions& options) {
  if (options.size == 0) throw Error(ExitStatus::usage, "cannot transfer 0 bytes", "use --size 1 or more");
  const std::string directory = options.work_directory.empty() ? default_work_directory() : options.work_directory;
  Source source;
  source.file = options.file;
  source.work_directory = directory;
  source.cache = options.cache;
  if (options.file.empty()) {
    source.size = options.size.value_or(kDefaultSize);
    source.fd = generate(directory, source.size);
  } else {
    source.fd = open_users_file(options.file, options.size, source.size);
    if (options.copy) source.fd = copy_of(source.fd, directory, source.size);
  }

  const int fd = source.fd.get();
  struct stat facts {};
  if (fstat(fd, &facts) < 0) throw system_error("asking about the source");
  source.device_major = major(facts.st_dev);
  source.device_minor = minor(facts.st_dev);
  source.inode = facts.st_ino;
  source.disk = find_disk(fd, source.size);
  renew_cache(source);
  const std::optional<uint64_t> resident = resident_bytes(fd, source.size);
  source.resident_known = resident.has_value();
  source.resident_bytes = resident.value_or(0);
  return source;
}

void renew_cache(const Source& source) {
  if (source.cache == Cache::cold)
    drop_from_cache(source.fd.get(), source.size);
  else
    read_into_cache(source.fd.get(), source.size);
}

void fill_pattern(std::span<uint64_t> words, uint64_t first) {
  // Two rounds of SplitMix64. Each step can be undone, so different indices give different words.
  uint64_t state = (first + 1) * 0x9e3779b97f4a7c15U;
  for (uint64_t& word : words) {
    const uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9U;
    word = mixed ^ (mixed >> 27);
    state += 0x9e3779b97f4a7c15U;
  }
}

}  // namespace zctrace::workloads
