#include "userspace/capture/preloaded.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

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
fs::path pin_of(const fs::path& folder, const bpf_program* program) { return folder / bpf_program__name(program); }

}  // namespace

fs::path preloaded_folder(const Options& options) {
  return fmt::format("/sys/fs/bpf/zctrace/{}_{}_{}", static_cast<int>(options.mode),
                     options.programs ? "programs" : "run", options.ring_bytes);
}

void pin_for_later(const fs::path& folder, const bpf_object* object) {
  fs::create_directories(folder);
  const auto pin = [](int fd, const fs::path& path) {
    if (const int error = bpf_obj_pin(fd, path.c_str())) throw system_error("pinning " + path.string(), -error);
  };
  bpf_map* map;
  bpf_object__for_each_map(map, object) pin(bpf_map__fd(map), pin_of(folder, map));
  bpf_program* program;
  bpf_object__for_each_program(program, object) if (bpf_program__autoload(program))
      pin(bpf_program__fd(program), pin_of(folder, program));
}

std::vector<std::pair<std::string, Fd>> adopt_preloaded(const fs::path& folder, bpf_object* object) {
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) return {};
  std::vector<std::pair<std::string, Fd>> programs;
  std::vector<std::pair<bpf_map*, Fd>> maps;
  bpf_program* program;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    programs.emplace_back(bpf_program__name(program), Fd(bpf_obj_get(pin_of(folder, program).c_str())));
    if (!programs.back().second) return {};
  }
  bpf_map* map;
  bpf_object__for_each_map(map, object) {
    maps.emplace_back(map, Fd(bpf_obj_get(pin_of(folder, map).c_str())));
    if (!maps.back().second) return {};
  }
  for (const auto& [name, fd] : programs) fs::remove(folder / name, ignored);
  for (const auto& [kept, fd] : maps) {
    fs::remove(pin_of(folder, kept), ignored);
    if (const int error = bpf_map__reuse_fd(kept, fd.get())) throw system_error("taking a map over", -error);
  }
  bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
  return programs;
}

}  // namespace zctrace::capture
