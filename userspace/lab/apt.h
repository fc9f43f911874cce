#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "userspace/lab/fetch.h"

namespace zctrace::lab {

/// The Debian mirror in the output of `apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(ORIGIN)'`: the first
/// that carries a main suite (not -security, not -updates). Empty when there is none.
std::string mirror_in(std::string_view indextargets);

/// The packages in the output of `apt-cache depends` that are depended on and start with one of the beginnings.
std::vector<std::string> dependencies_in(std::string_view depends, const std::vector<std::string>& beginnings);

/// apt with its state in one private folder, so that it needs no root and touches nothing of the machine's own, while
/// signatures, mirror and proxies stay apt's business.
class PrivateApt {
 public:
  PrivateApt(std::filesystem::path folder, std::string suite);

  void update(const FetchProgress& progress);
  /// The packages that together are the suite's newest kernel, of a flavour ("rt") or the plain one (empty).
  std::vector<std::string> kernel_packages(const std::string& flavour);
  /// Downloads .deb files into `target`.
  void download(const std::vector<std::string>& packages, const std::filesystem::path& target,
                const FetchProgress& progress);

 private:
  std::string run(const std::string& program, std::vector<std::string> arguments, const std::filesystem::path& target,
                  const FetchProgress& progress, const Message& stage);

  std::filesystem::path folder_;
  std::string suite_;
};

}  // namespace zctrace::lab
