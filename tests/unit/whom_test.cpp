#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/cgroup.h"
#include "base/error.h"
#include "model/summary/flow_rows.h"
#include "model/timeline/changes.h"
#include "model/timeline/flow_filter.h"
#include "model/timeline/flow_match.h"
#include "model/timeline/model.h"
#include "tests/unit/program_samples.h"
#include "userspace/capture/containers.h"
#include "userspace/record/targets.h"

namespace whom_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

const std::string kNumber(64, 'a');

/// One that read so many bytes of a file, and passed none on.
Flow reading(const std::string& file, uint64_t inode, uint64_t bytes, const Process& process) {
  Flow flow{samples::file(file, inode), samples::memory(), {}, 0, 0, false};
  flow.parts.push_back(samples::part(FlowMethod::read, FlowLink::none, bytes, 1, 1));
  set_process(flow, process);
  return flow;
}

std::vector<std::string> froms(const Document& document) {
  std::vector<std::string> names;
  for (const auto& row : summary::flow_rows(document.run, *document.ledger.flows, Language::english))
    names.push_back(row.from);
  return names;
}

std::string remark(const Document& document, Text label) {
  for (const auto& found : summary::flow_remarks(document.run, document.ledger, Language::english))
    if (found.label == label) return found.text;
  return "";
}

}  // namespace

TEST_CASE("/proc/PID/cgroup is read, of both versions, whatever a path has in it") {
  const auto lines = parse_cgroup_file("12:pids:/a:b\n1:name=systemd:/user.slice\n0::/system.slice/nginx.service\nx:y\n\n");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].hierarchy == 12);
  CHECK(lines[0].controllers == "pids");
  CHECK(lines[0].path == "/a:b");
  CHECK(lines[1].controllers == "name=systemd");
  CHECK(lines[2].hierarchy == 0);
  CHECK(lines[2].path == "/system.slice/nginx.service");
  CHECK(parse_cgroup_file("").empty());
}

TEST_CASE("a cgroup's path tells the service and the container") {
  CHECK(service_of_cgroup("/system.slice/nginx.service") == "nginx.service");
  CHECK(service_of_cgroup("/user.slice/user-0.slice/user@0.service/app.slice/app.service/x") == "app.service");
  CHECK(service_of_cgroup("/user.slice/session-1.scope").empty());
  CHECK(container_of_cgroup("/system.slice/docker-" + kNumber + ".scope") == kNumber);
  CHECK(container_of_cgroup("/docker/" + kNumber + "/init") == kNumber);
  CHECK(container_of_cgroup("/machine.slice/libpod-" + kNumber + ".scope/container") == kNumber);
  CHECK(container_of_cgroup("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + kNumber + ".scope") == kNumber);
  CHECK(container_of_cgroup("/lxc.payload.web/init.scope") == "web");
  CHECK(container_of_cgroup("/machine.slice/libpod-conmon-" + kNumber + ".scope").empty());
  CHECK(container_of_cgroup("/system.slice/docker-abc.scope").empty());
}

TEST_CASE("containers' names are in docker's, podman's and containerd's own files") {
  using Names = std::map<std::string, std::string>;
  CHECK(capture::names_in_docker_file(R"({"ID": "12ab", "Name": "/web"})") == Names{{"12ab", "web"}});
  CHECK(capture::names_in_podman_file(R"([{"id": "12ab", "names": ["db", "x"]}, {"id": "34"}, 5])") ==
        Names{{"12ab", "db"}});
  CHECK(capture::names_in_containerd_file(R"({"annotations": {"nerdctl/name": "q"}})", "56") == Names{{"56", "q"}});
  for (const char* damaged : {"", "{", "[]", "7", R"({"annotations": 3})", R"({"ID": 3, "Name": []})"}) {
    CHECK(capture::names_in_docker_file(damaged).empty());
    CHECK(capture::names_in_podman_file(damaged).empty());
    CHECK(capture::names_in_containerd_file(damaged, "1").empty());
  }
  CHECK(capture::name_of_container(kNumber, {}) == kNumber.substr(0, 12));
  CHECK(capture::name_of_container(kNumber, {{kNumber, "web"}}) == "web");
}

TEST_CASE("what is not there is an error, and its hint what to do") {
  const auto refused = [](const record::TargetRequest& request) {
    try {
      record::find_targets(request);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refused({.pids = {"12,x"}}).find("'x'") != std::string::npos);
  CHECK(refused({.pids = {"12,"}}).find("-p takes process IDs") != std::string::npos);
  CHECK(refused({.pids = {"4194300"}}).find("there is no process 4194300") != std::string::npos);
  CHECK(refused({.names = {"nobody-is-called-so"}}).find("no process is called") != std::string::npos);
}

TEST_CASE("memory is told by its process, where there are several") {
  auto document = samples::cp();
  auto& list = document.ledger.flows->list;
  list.clear();
  list.push_back(reading("/srv/a", 1, 4'000'000, {.command = "head", .pid = 12}));
  const auto to = [&] {
    std::string all;
    for (const auto& row : summary::flow_rows(document.run, *document.ledger.flows, Language::english)) all += row.to + ";";
    return all;
  };
  CHECK(to() == "the program's memory;");
  set_process(list[0], Process{.command = "head", .count = 3});
  CHECK(to() == "memory of head ×3;");
  set_process(list[0], Process{.command = "head", .pid = 12});
  list.push_back(reading("/srv/a", 1, 3'000'000, {.command = "cmp", .pid = 13, .unit = "x.service"}));
  list.push_back(reading("/srv/a", 1, 2'000'000, {.command = "cat", .count = 30}));
  CHECK(to() == "memory of head (12);memory of cmp (13, x.service);memory of cat ×30;");
}

TEST_CASE("two processes' flows between the same ends do not take each other's sums") {
  Flows flows;
  flows.list = {reading("/srv/a", 1, 100, {.command = "sh", .pid = 12}),
                reading("/srv/a", 1, 40, {.command = "sh", .pid = 13})};
  Changes changes;
  changes.take(flows);
  flows.list[1].parts[0].bytes = 45;
  const auto later = changes.take(flows);
  CHECK(later.at(0).more.parts[0].bytes == 0);
  CHECK(later.at(1).more.parts[0].bytes == 5);
  CHECK(told_together(flows, Alike::ports).list.size() == 2);
  const Flows together = told_together(flows, Alike::clients);
  REQUIRE(together.list.size() == 1);
  CHECK(together.list[0].process == Process{.command = "sh", .count = 2});
}

TEST_CASE("of one name so many that some are told together, all between the same ends are one flow") {
  Flows flows;
  flows.list = {reading("/srv/a", 1, 100, {.command = "cat", .pid = 12}),
                reading("/srv/a", 1, 900, {.command = "cat", .count = 9}),
                reading("/srv/a", 1, 100, {.command = "cat", .pid = 13}),
                reading("/srv/a", 1, 100, {.command = "sh", .pid = 14}),
                reading("/srv/b", 2, 100, {.command = "cat", .pid = 13})};
  const auto list = told_together(flows, Alike::ports).list;
  REQUIRE(list.size() == 3);
  CHECK(list[0].process == Process{.command = "cat", .count = 11});
  CHECK(total(list[0]).bytes == 1100);
  CHECK(list[1].process == Process{.command = "sh", .pid = 14});
  CHECK(list[2].process == Process{.command = "cat", .pid = 13});
}

TEST_CASE("a filter hides rows and says how many, and changes no sum") {
  auto document = samples::cp();
  auto& flows = *document.ledger.flows;
  flows.list = {reading("/srv/big.bin", 1, 4 << 20, {.command = "head", .pid = 12}),
                reading("/srv/small.txt", 2, 4096, {.command = "cmp", .pid = 13})};
  Flow sent = reading("/srv/big.bin", 1, 8192, {.command = "nginx", .pid = 14});
  sent.to = samples::socket("tcp 10.0.0.1:80 - 10.0.0.2:41010", 9);
  flows.list.push_back(sent);
  flows.shown = {.min_bytes = 1 << 20};
  CHECK(froms(document) == std::vector<std::string>{"/srv/big.bin"});
  CHECK(remark(document, Text::flows_hidden) == "2 flows, 12.0 KiB, not shown because of --min-bytes 1 MiB");
  CHECK(remark(document, Text::flows_moved) == "4.01 MiB in all; linked from end to end: 0 B");
  flows.shown = {.processes = {"cmp", "14"}};
  CHECK(froms(document).size() == 2);
  flows.shown = {.processes = {"cmp"}, .paths = {"*.bin"}};
  CHECK(froms(document).empty());
  flows.shown = {.paths = {"/srv/*.bin"}};
  CHECK(froms(document).size() == 2);
  for (const uint16_t port : {80, 41010}) {
    flows.shown = {.ports = {port}};
    CHECK(froms(document).size() == 1);
  }
  flows.shown = {.ports = {8}};
  CHECK(froms(document).empty());
  flows.shown = {};
  CHECK(remark(document, Text::flows_hidden).empty());
}

TEST_CASE("a renamed file has its last name, and on request its first one") {
  auto document = samples::cp();
  auto& flows = *document.ledger.flows;
  flows.list = {reading("/srv/new.bin", 1, 1000, {.command = "sh", .pid = 12})};
  flows.list[0].from.first_name = "/srv/old.bin";
  CHECK(froms(document) == std::vector<std::string>{"/srv/new.bin"});
  flows.shown.all = true;
  CHECK(froms(document) == std::vector<std::string>{"/srv/new.bin, at first /srv/old.bin"});
}

TEST_CASE("what loaders and interpreters read is one row, and each of them on request") {
  auto document = samples::cp();
  auto& flows = *document.ledger.flows;
  const Process sh{.command = "sh", .pid = 12};
  flows.list = {reading("/srv/data.bin", 1, 1000, sh), reading("/usr/lib/libc.so.6", 2, 832, sh),
                reading("/usr/lib/locale/C.utf8/LC_CTYPE", 3, 200, sh), reading("/proc/meminfo", 4, 100, sh),
                reading("/usr/lib/libc.so.6", 2, 832, {.command = "cat", .pid = 13})};
  CHECK(froms(document) == std::vector<std::string>{"libraries and settings: 3 files", "/srv/data.bin"});
  flows.shown.all = true;
  CHECK(froms(document).size() == 5);
  for (const char* file : {"/usr/lib/python3/os.cpython-311.pyc", "/usr/lib/jvm/lib/modules", "/usr/share/java/a.jar", "/etc/ld.so.cache",
                           "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache", "/etc/passwd", "/sys/devices/x"})
    CHECK(is_library_or_setting(file));
  for (const char* file : {"/srv/a.bin", "/home/so/notes", "/etc/nginx/nginx.conf", "/tmp/x.sock", ""})
    CHECK(!is_library_or_setting(file));
}

}  // namespace whom_test
