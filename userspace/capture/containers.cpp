#include "userspace/capture/containers.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/process.h"

namespace zctrace::capture {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;
using Names = std::map<std::string, std::string>;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string string_in(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (at->is_directory(gone)) found.push_back(at->path());
  }
  return found;
}

}  // namespace

Names names_in_docker_file(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  auto name = string_in(json, "Name");
  const auto number = string_in(json, "ID");
  if (name.starts_with('/')) name.erase(0, 1);
  return name.empty() || number.empty() ? Names{} : Names{{number, name}};
}

Names names_in_podman_file(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  Names names;
  if (!json.is_array()) return names;
  for (const Json& row : json) {
    const auto number = string_in(row, "id");
    const auto list = row.is_object() ? row.find("names") : row.end();
    if (number.empty() || !row.is_object() || list == row.end() || !list->is_array() || list->empty()) continue;
    if ((*list)[0].is_string()) names[number] = (*list)[0].get<std::string>();
  }
  return names;
}

Names names_in_containerd_file(const std::string& text, const std::string& number) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("annotations")) return {};
  const Json& notes = json["annotations"];
  for (const char* key : {"nerdctl/name", "io.kubernetes.cri.container-name", "io.kubernetes.container.name"})
    if (auto name = string_in(notes, key); !name.empty()) return {{number, std::move(name)}};
  return {};
}

Names container_names() {
  Names names;
  for (const auto& folder : folders_in("/var/lib/docker/containers"))
    names.merge(names_in_docker_file(read_file(folder / "config.v2.json")));
  std::vector<fs::path> storages{"/var/lib/containers/storage", "/run/containers/storage"};
  if (const char* home = std::getenv("HOME")) storages.push_back(fs::path(home) / ".local/share/containers/storage");
  for (const auto& user : folders_in("/home")) storages.push_back(user / ".local/share/containers/storage");
  for (const auto& storage : storages)
    for (const char* file : {"containers.json", "volatile-containers.json"})
      names.merge(names_in_podman_file(read_file(storage / "overlay-containers" / file)));
  for (const auto& space : folders_in("/run/containerd/io.containerd.runtime.v2.task"))
    for (const auto& folder : folders_in(space))
      names.merge(names_in_containerd_file(read_file(folder / "config.json"), folder.filename()));
  return names;
}

std::string inspected_container(const std::string& name) {
  for (const char* command : {"docker", "podman"}) {
    const fs::path program = find_program(command);
    if (program.empty()) continue;
    const Finished finished =
        run_program({.command = {program, "inspect", "--type", "container", "--format", "{{.Id}}", name}});
    if (finished.status == 0) return finished.out.substr(0, finished.out.find('\n'));
  }
  return "";
}

std::string name_of_container(const std::string& number, const Names& names) {
  const auto known = names.find(number);
  constexpr size_t kDigits = 64, kShown = 12;
  if (known != names.end()) return known->second;
  return number.size() == kDigits ? number.substr(0, kShown) : number;
}

}  // namespace zctrace::capture
