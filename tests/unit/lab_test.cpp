#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "userspace/lab/apt.h"
#include "userspace/lab/cache.h"
#include "userspace/lab/console.h"
#include "userspace/lab/counter.h"
#include "userspace/lab/emulator.h"
#include "userspace/lab/kernel.h"
#include "userspace/lab/modules.h"
#include "userspace/lab/replies.h"
#include "userspace/lab/request.h"
#include "userspace/lab/vmlinux.h"
extern "C" {
#include "userspace/lab/init/init.h"
}

namespace lab_test {

using namespace zctrace;
using namespace zctrace::lab;

namespace {

namespace fs = std::filesystem;

/// An empty cache folder for as long as it lives.
class EmptyCache {
 public:
  EmptyCache() {
    const char* before = getenv("XDG_CACHE_HOME");
    if (before) before_ = before;
    std::string name = fs::temp_directory_path() / "zctrace-lab-test-XXXXXX";
    folder_ = mkdtemp(name.data());
    setenv("XDG_CACHE_HOME", folder_.c_str(), 1);
  }
  ~EmptyCache() {
    if (before_.empty())
      unsetenv("XDG_CACHE_HOME");
    else
      setenv("XDG_CACHE_HOME", before_.c_str(), 1);
    fs::remove_all(folder_);
  }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
  std::string before_;
};

/// As much of a bzImage as tells its release.
void write_image(const fs::path& path, const std::string& release) {
  fs::create_directories(path.parent_path());
  std::string image(0x400, '\0');
  image.replace(0x202, 4, "HdrS");
  image[0x20e] = 0x40;
  image[0x20f] = 0x01;
  image.replace(0x340, release.size(), release);
  std::ofstream(path) << image;
}

Error error_of(const std::string& wanted) {
  try {
    find_kernel(wanted);
  } catch (const Error& error) {
    return error;
  }
  FAIL("found " << wanted);
  return Error(ExitStatus::done, "");
}

}  // namespace

TEST_CASE("lab: the cache folder follows the XDG rules") {
  const EmptyCache cache;
  CHECK(cache_folder() == cache.folder() / "zctrace");
  setenv("XDG_CACHE_HOME", "not/absolute", 1);
  CHECK(cache_folder().is_absolute());
}

TEST_CASE("lab: a kernel that is not there says how to get it") {
  const EmptyCache cache;
  const Error unfetched = error_of("6.12");
  CHECK(unfetched.status == ExitStatus::failed);
  CHECK(unfetched.hint == "zctrace lab fetch 6.12");
  for (const char* wanted : {"5.11", "", "bullseye"}) {
    const Error unknown = error_of(wanted);
    CHECK(unknown.status == ExitStatus::usage);
    CHECK(std::string(unknown.what()).find("5.10, 6.1, 6.12, 7.2") != std::string::npos);
  }
  CHECK_THROWS_AS(known_kernel("5.11"), Error);
}

TEST_CASE("lab: a fetched kernel is found by version and by release") {
  const EmptyCache cache;
  write_image(kernel_folder("6.1") / "vmlinuz", "6.1.0-1-amd64 (builder@host) #1");
  for (const char* wanted : {"6.1", "6.1.0-1-amd64"}) {
    const Kernel kernel = find_kernel(wanted);
    CHECK(kernel.release == "6.1.0-1-amd64");
    CHECK(kernel.suite == "bookworm");
    CHECK(kernel.modules == kernel_folder("6.1") / "lib/modules/6.1.0-1-amd64");
  }
  const std::vector<Kernel> kernels = list_kernels();
  CHECK(std::count_if(kernels.begin(), kernels.end(), [](const Kernel& kernel) {
          return kernel.origin == Kernel::Origin::debian && kernel.fetched();
        }) == 1);
}

TEST_CASE("lab: a kernel given as a file needs its modules in the same tree") {
  const EmptyCache cache;
  const fs::path image = cache.folder() / "boot/vmlinuz-9.9.9-test";
  CHECK(std::string(error_of(image).what()).find("No such file") != std::string::npos);
  fs::create_directories(image.parent_path());
  std::ofstream(image) << "not a kernel";
  CHECK(std::string(error_of(image).what()).find("bzImage") != std::string::npos);

  write_image(image, "9.9.9-test");
  CHECK(std::string(error_of(image).what()).find("lib/modules/9.9.9-test") != std::string::npos);
  const fs::path modules = cache.folder() / "usr/lib/modules/9.9.9-test";
  fs::create_directories(modules);
  CHECK(error_of(image).hint == "/sbin/depmod -b " + cache.folder().string() + " 9.9.9-test");
  std::ofstream(modules / "modules.dep") << "";
  CHECK(find_kernel(image).modules == modules);
}

TEST_CASE("lab: modules load after those they need") {
  const std::string modules_dep =
      "kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/fscache/fscache.ko kernel/fs/netfs/netfs.ko\n"
      "kernel/fs/fscache/fscache.ko: kernel/fs/netfs/netfs.ko\n"
      "kernel/fs/netfs/netfs.ko:\n"
      "kernel/net/9p/9pnet.ko:\n"
      "kernel/arch/x86/crypto/crc32c-intel.ko.xz:\n";
  const std::vector<std::string> order = load_order(modules_dep, {"9p", "built_in", "crc32c_intel", "netfs"});
  const auto place = [&order](const char* file) { return std::find(order.begin(), order.end(), file) - order.begin(); };
  CHECK(order.size() == 5);
  CHECK(place("kernel/fs/netfs/netfs.ko") < place("kernel/fs/fscache/fscache.ko"));
  CHECK(place("kernel/fs/fscache/fscache.ko") < place("kernel/fs/9p/9p.ko"));
  CHECK(place("kernel/net/9p/9pnet.ko") < place("kernel/fs/9p/9p.ko"));
  CHECK(order.back() == "kernel/arch/x86/crypto/crc32c-intel.ko.xz");
  CHECK(module_name("a/crc32c-intel.ko.xz") == "crc32c_intel");
}

TEST_CASE("lab: the machine is emulated, its host's root read-only, its disk known by serial number") {
  Machine machine;
  machine.qemu = "/bin/qemu";
  machine.kernel = "/k,1/vmlinuz";
  machine.memory_mib = 768;
  machine.counter_khz = counter_khz();
  machine.append = "swiotlb=force quiet";
  machine.control_fd = 11;
  machine.disk_fd = 12;
  const std::vector<std::string> command = qemu_command(machine);
  const auto after = [&command](const std::string& option) {
    const auto found = std::find(command.begin(), command.end(), option);
    return found == command.end() ? std::string() : *(found + 1);
  };
  const auto has = [&command](const std::string& word) {
    return std::find(command.begin(), command.end(), word) != command.end();
  };
  CHECK(command[0] == "/bin/qemu");
  CHECK(after("-accel") == "tcg,thread=single");
  CHECK(after("-cpu") == "max,erms=off,la57=off");
  CHECK(after("-kernel") == "/k,1/vmlinuz");
  CHECK(after("-m") == "768M");
  CHECK(after("-append").find("panic=-1") != std::string::npos);
  // Told, because a guest that measures it while this machine is busy may be wrong by a factor of twenty.
  CHECK(machine.counter_khz > 500'000);
  CHECK(after("-append").find(" tsc_early_khz=" + std::to_string(machine.counter_khz) + " ") != std::string::npos);
  CHECK(after("-append").ends_with(" rdinit=/init swiotlb=force quiet"));  // whoever reads it looks behind our last
  CHECK(has("-no-reboot"));
  CHECK(after("-virtfs").find("readonly=on") != std::string::npos);
  CHECK(after("-add-fd") == "fd=12,set=1");
  CHECK_FALSE(has("-incoming"));
  CHECK(has("vmxnet3,netdev=sender,mac=52:54:00:7a:63:01,romfile="));
  CHECK(has("virtio-net-pci,netdev=sink,mac=52:54:00:7a:63:02,romfile="));
  CHECK(has("socket,id=control,fd=11"));
  CHECK(has("virtserialport,chardev=control,name=zctrace.control"));
}

TEST_CASE("lab: the kernel inside a bzImage is unpacked when it can be started directly") {
  using namespace std::string_literals;
  const std::string elf = "\177ELF and \x12\0\0\0Xen\0 a note"s;
  const auto image_of = [](const std::string& payload) {
    std::string image(0x400, '\0');
    image.replace(0x202, 4, "HdrS");
    image[0x1f1] = 1;
    image[0x24c] = static_cast<char>(payload.size() + 4);
    return image + payload + "size";
  };
  CHECK(vmlinux_in(image_of(elf)) == elf);
  CHECK(vmlinux_in(image_of("\177ELF without the note")) == "");
  CHECK(vmlinux_in(image_of("no ELF")) == "");
  CHECK(vmlinux_in(image_of(elf).substr(0, 0x404)) == "");
  CHECK(vmlinux_in("short") == "");
}

TEST_CASE("lab: a request is its length and fields that end in NUL") {
  using namespace std::string_literals;
  CHECK(encode_request({"echo", "a b", ""}, "/tmp", {"A=1"}) ==
        "23\n3\0echo\0a b\0\0/tmp\0"
        "1\0A=1\0"s);
  CHECK(encode_request({"x"}, "/", {}) ==
        "8\n1\0x\0/\0"
        "0\0"s);
  CHECK_THROWS_AS(encode_request({"a\0b"s}, "/", {}), Error);
}

TEST_CASE("lab: the mirror is the one apt uses for a main suite of Debian") {
  CHECK(mirror_in("http://s/debian-security/|bookworm-security|Debian\n"
                  "http://other/|stable|Node\n"
                  "http://m/debian/|bookworm-updates|Debian\n"
                  "http://m/debian/|bookworm|Debian\n") == "http://m/debian/");
  CHECK(mirror_in("http://m/debian/|bookworm|\nhttp://x/ubuntu/|noble|Ubuntu\n") == "http://m/debian/");
  CHECK(mirror_in("http://x/ubuntu/|noble|Ubuntu\n") == "");
  CHECK(mirror_in("") == "");
}

TEST_CASE("lab: a kernel's packages are among its dependencies") {
  const std::string depends =
      "linux-image-9.9-amd64\n  PreDepends: linux-base\n |Depends: dracut\n"
      "  Depends: linux-binary-9.9-amd64\n  Depends: linux-modules-9.9-amd64\n";
  CHECK(dependencies_in(depends, {"linux-binary-", "linux-modules-"}) ==
        std::vector<std::string>{"linux-binary-9.9-amd64", "linux-modules-9.9-amd64"});
}

TEST_CASE("lab: the console keeps the end, and finds the panic") {
  Console console;
  CHECK(console.panic() == "");
  CHECK(console.telling_lines() == "");
  for (int i = 0; i < 10000; i++) console.add("line " + std::to_string(i) + "\r\n");
  CHECK(console.telling_lines(2) == "\n    line 9998\n    line 9999");
  console.add("\x1b[0m[ 1.2] Kernel panic - not syncing: no\r\nend\n");
  CHECK(console.panic() == "Kernel panic - not syncing: no");
  CHECK(console.telling_lines(2) == "\n    [0m[ 1.2] Kernel panic - not syncing: no\n    end");
}

TEST_CASE("lab: a request that is damaged is refused, and never read beyond its end") {
  const auto why = [](std::string fields) -> std::string {
    struct request request {};
    const char* wrong = parse_request(fields.data(), fields.size(), &request);
    if (wrong) return wrong;
    const std::string last = request.environment[0] ? request.environment[0] : "";
    free(request.command);
    free(request.environment);
    return "fine" + last;
  };
  using namespace std::string_literals;
  const std::string whole = "2\0cat\0a b\0/root\0001\0LANG=C\0"s;
  CHECK(why(whole) == "fineLANG=C");
  for (size_t size = 0; size < whole.size(); ++size) CHECK(why(whole.substr(0, size)).find("field") != std::string::npos);
  CHECK(why("0\0/\0000\0"s) == "the request names no command");
  CHECK(why("1\0cat\0/\000900000000"s) == "the request's last field has no end");
  CHECK(why("900000000\0cat\0"s) == "the request lacks a field");
}

TEST_CASE("lab: what the guest says is told from what is no reply") {
  std::vector<Reply> all;
  Replies replies;
  const auto add = [&](const std::string& bytes) {
    replies.add(bytes, [&](const Reply& reply) { all.push_back(reply); });
  };
  add("parked\nerror\nerr");
  add("or there is no disk\nexit 3 1 2\n" + std::string(1 << 20, 'x'));
  add("\nexit 3 10 20 30\nkilled 9 1 2 3\nkilled 2147483647 1 2 3\nkilled -1 1 2 3\n");
  REQUIRE(all.size() == 4);
  CHECK(all[0].kind == Reply::Kind::parked);
  CHECK(all[1].why == "there is no disk");
  CHECK(all[2].kind == Reply::Kind::ended);
  CHECK(all[2].status == 3);
  CHECK(all[2].data_bytes == 30);
  CHECK(all[2].killed_by == 0);
  CHECK(all[3].status == 137);
  CHECK(all[3].killed_by == 9);
}

}  // namespace lab_test
