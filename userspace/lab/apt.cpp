#include "userspace/lab/apt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/process.h"

namespace zctrace::lab {

namespace fs = std::filesystem;

namespace {

constexpr const char* keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

std::string program_path(const std::string& name) {
  const fs::path path = find_program(name);
  if (path.empty())
    throw Error(ExitStatus::failed, fmt::format("{} is missing: the lab fetches kernels with apt", name),
                "or use your own kernel: --kernel PATH/vmlinuz with its modules in lib/modules next to it");
  return path;
}

/// apt's own first complaint, which says more than the summary that follows it.
std::string complaint(const std::string& err) {
  std::istringstream lines(err);
  std::string first, line;
  while (std::getline(lines, line)) {
    if (line.starts_with("E: ")) return line.substr(3);
    if (first.empty() && !line.empty()) first = line.starts_with("W: ") ? line.substr(3) : line;
  }
  return first.empty() ? "no reason given" : first;
}

std::string index_targets(std::vector<std::string> options) {
  options.insert(options.begin(), {program_path("apt-get"), "indextargets", "--format"});
  return run_program({.command = options}).out;
}

std::string machine_mirror() {
  if (const char* given = std::getenv("ZCTRACE_MIRROR"); given && *given) return given;
  std::string mirror = mirror_in(index_targets({"$(REPO_URI)|$(RELEASE)|$(ORIGIN)"}));
  // Where no lists were fetched, or they were removed, as in images, it tells what is configured only if asked so.
  if (mirror.empty()) mirror = mirror_in(index_targets({"$(REPO_URI)|$(RELEASE)|", "--no-release-info"}));
  if (mirror.empty())
    throw Error(ExitStatus::failed, "apt on this machine has no Debian mirror configured",
                "set one: ZCTRACE_MIRROR=http://HOST/debian/ zctrace lab fetch VERSION");
  return mirror;
}

}  // namespace

std::string mirror_in(std::string_view indextargets) {
  std::istringstream lines{std::string(indextargets)};
  std::string uri, release, origin;
  std::string guess;  // before the machine's first `apt-get update` no origin is known
  while (std::getline(lines, uri, '|') && std::getline(lines, release, '|') && std::getline(lines, origin)) {
    if (release.find_first_of("-/") != std::string::npos) continue;
    if (origin == "Debian") return uri;
    const bool looks_debian = uri.ends_with("/debian/") || uri.ends_with("/debian");
    if (origin.empty() && guess.empty() && looks_debian) guess = uri;
  }
  return guess;
}

std::vector<std::string> dependencies_in(std::string_view depends, const std::vector<std::string>& beginnings) {
  std::vector<std::string> packages;
  std::istringstream lines{std::string(depends)};
  std::string kind, package;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (!(words >> kind >> package) || kind != "Depends:") continue;
    for (const std::string& beginning : beginnings)
      if (package.starts_with(beginning)) packages.push_back(package);
  }
  return packages;
}

PrivateApt::PrivateApt(fs::path folder, std::string suite) : folder_(std::move(folder)), suite_(std::move(suite)) {
  if (access(keyring, R_OK) != 0)
    throw Error(ExitStatus::failed, "Debian's package signing keys are not installed",
                "apt-get install debian-archive-keyring");
  for (const char* name : {"lists/partial", "state", "cache/archives/partial"}) fs::create_directories(folder_ / name);
  std::ofstream(folder_ / "sources.list")
      << fmt::format("deb [arch=amd64 signed-by={}] {} {} main\n", keyring, machine_mirror(), suite_);
  std::ofstream conf(folder_ / "apt.conf");
  const auto set = [&](const char* name, const std::string& value) {
    conf << fmt::format("{} \"{}\";\n", name, value);
  };
  set("Dir::Etc::sourcelist", folder_ / "sources.list");
  set("Dir::Etc::sourceparts", "-");
  set("Dir::State", folder_ / "state");
  set("Dir::State::lists", folder_ / "lists");
  set("Dir::State::status", "/dev/null");
  set("Dir::Cache", folder_ / "cache");
  set("Acquire::Languages", "none");
  set("APT::Architecture", "amd64");
  // apt drops from root to _apt for downloads, which cannot write here: it would warn and go on as root.
  if (geteuid() == 0) set("APT::Sandbox::User", "root");
  // What the machine does after its own updates is not for ours.
  conf << "#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n";
  if (!conf.flush())
    throw Error(ExitStatus::failed, fmt::format("cannot write {}", folder_.string()), "check free space with df");
}

std::string PrivateApt::run(const std::string& program, std::vector<std::string> arguments, const fs::path& target,
                            const FetchProgress& progress, const Message& stage) {
  // -c is read after the machine's own files, APT_CONFIG before them: ours must win.
  SpawnRequest request{.command = {program_path(program), "-c", folder_ / "apt.conf"}, .folder = target};
  if (progress) request.command.insert(request.command.end(), {"-q", "-o", "APT::Status-Fd=1"});
  request.command.insert(request.command.end(), arguments.begin(), arguments.end());
  const Finished finished = run_program(request, [&](std::string_view line) {
    if (!progress || !line.starts_with("dlstatus:")) return;
    const size_t percent = line.find(':', std::string_view("dlstatus:").size());
    if (percent != std::string_view::npos) progress(stage, std::atof(std::string(line.substr(percent + 1)).c_str()));
  });
  if (finished.status != 0)
    throw Error(ExitStatus::failed, fmt::format("{} failed for {}: {}", program, suite_, complaint(finished.err)),
                "check that apt-get update works on this machine, or set ZCTRACE_MIRROR=URL to another mirror");
  return finished.out;
}

void PrivateApt::update(const FetchProgress& progress) {
  // By itself apt takes a mirror that fails for a passing trouble, warns, and ends with success.
  run("apt-get", {"-o", "APT::Update::Error-Mode=any", "update"}, folder_, progress,
      message(Text::stage_reading_index));
}

std::vector<std::string> PrivateApt::kernel_packages(const std::string& flavour) {
  const auto depends = [this](const std::string& package) {
    return run("apt-cache", {"depends", package}, folder_, {}, {});
  };
  const std::string newest = fmt::format("linux-image-{}{}amd64", flavour, flavour.empty() ? "" : "-");
  std::vector<std::string> packages = dependencies_in(depends(newest), {"linux-image-"});
  if (packages.size() != 1)
    throw Error(ExitStatus::failed, fmt::format("{} of {} depends on no kernel", newest, suite_),
                "set ZCTRACE_MIRROR=URL to another mirror");
  // From sid's 7.x on the image package is empty and depends on those that hold the kernel, its modules and their
  // index.
  for (std::string& part : dependencies_in(depends(packages[0]), {"linux-binary-", "linux-modules-", "linux-base-"}))
    packages.push_back(std::move(part));
  return packages;
}

void PrivateApt::download(const std::vector<std::string>& packages, const fs::path& target,
                          const FetchProgress& progress) {
  std::vector<std::string> arguments = {"download"};
  arguments.insert(arguments.end(), packages.begin(), packages.end());
  run("apt-get", arguments, target, progress, message(Text::stage_downloading));
}

}  // namespace zctrace::lab
