#pragma once

#include <map>
#include <string>
#include <vector>

namespace zctrace::capture {

/// The containers that docker, podman and containerd know of here, as their own files in state folders say: names by
/// their numbers (64 hexadecimal digits).
std::map<std::string, std::string> container_names();

/// The same, of one of their files; the number comes with the name where the file has it. `file`: docker's
/// config.v2.json, podman's containers.json, or containerd's config.json of the container `number`. Empty where it is
/// none.
std::map<std::string, std::string> names_in_docker_file(const std::string& text);
std::map<std::string, std::string> names_in_podman_file(const std::string& text);
std::map<std::string, std::string> names_in_containerd_file(const std::string& text, const std::string& number);

/// The number of a container that has no such file for us to read, as `docker inspect` or `podman inspect` has it;
/// empty where neither command is there or knows it.
std::string inspected_container(const std::string& name);

/// Its name, else the first 12 digits of its number, as everybody shows it.
std::string name_of_container(const std::string& number, const std::map<std::string, std::string>& names);

}  // namespace zctrace::capture
