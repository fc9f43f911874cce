#include "userspace/capture/preloaded.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/io.h"
#include "userspace/capture/session.h"

namespace zctrace::capture {

namespace fs = std::filesystem;

namespace {

/// bpffs takes no dots, and libbpf's own maps have some.
std::string pin_name(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

fs::path pin_of(const fs::path& folder, const bpf_map* map) { return folder / pin_name(bpf_map__name(map)); }
fs::path pin_of(const fs::path& folder, const std::string& program) { return folder / program; }
fs::path link_pin_of(const fs::path& folder, const std::string& program) { return folder / ("link_" + program); }

/// Beside the folder, and this process's.
fs::path own_folder(const fs::path& folder) { return fmt::format("{}_of_{}", folder.string(), getpid()); }

void pin(int fd, const fs::path& path) {
  if (const int error = bpf_obj_pin(fd, path.c_str())) throw system_error("pinning " + path.string(), -error);
}

}  // namespace

fs::path preloaded_folder(const Options& options) {
  return fmt::format("/sys/fs/bpf/zctrace/{}_{}{}{}_{}", static_cast<int>(options.mode),
                     options.programs   ? "programs"
                     : options.requests ? "requests"
                                        : "run",
                     options.kernel_tls ? "_tls" : "", options.stacks ? "_stacks" : "", options.ring_bytes);
}

void pin_for_later(const fs::path& folder, const bpf_object* object, const Preloaded& taken_over, const Named& links) {
  const fs::path own = own_folder(folder);
  std::error_code ignored;
  try {
    fs::create_directories(own);
    bpf_map* map;
    bpf_object__for_each_map(map, object) if (bpf_map__autocreate(map)) pin(bpf_map__fd(map), pin_of(own, map));
    for (const auto& [name, fd] : taken_over.programs) pin(fd.get(), pin_of(own, name));
    bpf_program* program;
    bpf_object__for_each_program(program, object) if (bpf_program__autoload(program))
        pin(bpf_program__fd(program), pin_of(own, bpf_program__name(program)));
    for (const auto& [name, fd] : links) pin(fd.get(), link_pin_of(own, name));
    fs::rename(own, folder);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(own, ignored);
    throw Error(ExitStatus::failed, error.what());
  } catch (const Error&) {
    fs::remove_all(own, ignored);
    throw;
  }
}

Preloaded adopt_preloaded(const fs::path& folder, bpf_object* object) {
  // Another session may want them at the same time.
  const fs::path own = own_folder(folder);
  std::error_code failed;
  fs::rename(folder, own, failed);
  if (failed) return {};
  Preloaded found;
  std::vector<std::pair<bpf_map*, Fd>> maps;
  bool complete = true;
  bpf_program* program;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    const std::string name = bpf_program__name(program);
    found.programs.emplace_back(name, Fd(bpf_obj_get(pin_of(own, name).c_str())));
    complete = complete && found.programs.back().second;
    if (Fd link(bpf_obj_get(link_pin_of(own, name).c_str())); link) found.links.emplace_back(name, std::move(link));
  }
  bpf_map* map;
  bpf_object__for_each_map(map, object) {
    if (!bpf_map__autocreate(map)) continue;
    maps.emplace_back(map, Fd(bpf_obj_get(pin_of(own, map).c_str())));
    complete = complete && maps.back().second;
  }
  if (!complete) {
    fs::rename(own, folder, failed);
    return {};
  }
  fs::remove_all(own, failed);
  for (const auto& [kept, fd] : maps)
    if (const int error = bpf_map__reuse_fd(kept, fd.get())) throw system_error("taking a map over", -error);
  bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
  return found;
}

void share_preloaded_data(const bpf_object* object) {
  bpf_map* map;
  bpf_object__for_each_map(map, object) {
    const uint32_t flags = bpf_map__map_flags(map);
    size_t bytes = 0;
    auto* const data = const_cast<void*>(static_cast<const void*>(bpf_map__initial_value(map, &bytes)));
    if (!data || !(flags & BPF_F_MMAPABLE) || (flags & BPF_F_RDONLY_PROG)) continue;
    if (mmap(data, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, bpf_map__fd(map), 0) == MAP_FAILED)
      throw system_error("mapping the BPF programs' variables");
  }
}

}  // namespace zctrace::capture
