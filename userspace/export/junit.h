#pragma once

#include <string>
#include <vector>

/// Test results as JUnit XML, which systems for continuous integration read.
namespace zctrace::exports {

struct JunitCase {
  std::string suite, name;
  std::string failure;  ///< empty: it passed
};

/// Cases of the same suite stand one after the other.
std::string junit_xml(const std::vector<JunitCase>& cases);

}  // namespace zctrace::exports
