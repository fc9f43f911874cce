#include "userspace/export/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "viz/diagram/svg.h"

namespace zctrace::exports {

namespace {

using diagram::escape;

auto failures(auto begin, auto end) {
  return std::count_if(begin, end, [](const JunitCase& each) { return !each.failure.empty(); });
}

}  // namespace

std::string junit_xml(const std::vector<JunitCase>& cases) {
  std::string xml =
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\">\n",
                  cases.size(), failures(cases.begin(), cases.end()));
  for (auto begin = cases.begin(); begin != cases.end();) {
    const auto end =
        std::find_if(begin, cases.end(), [&](const JunitCase& each) { return each.suite != begin->suite; });
    fmt::format_to(std::back_inserter(xml), "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
                   escape(begin->suite), end - begin, failures(begin, end));
    for (; begin != end; ++begin) {
      fmt::format_to(std::back_inserter(xml), "    <testcase classname=\"{}\" name=\"{}\"", escape(begin->suite),
                     escape(begin->name));
      if (begin->failure.empty())
        xml += "/>\n";
      else
        fmt::format_to(std::back_inserter(xml), "><failure message=\"{}\"/></testcase>\n", escape(begin->failure));
    }
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace zctrace::exports
