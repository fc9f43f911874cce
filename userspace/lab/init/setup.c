#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userspace/lab/init/init.h"

/// Devices appear some time after their driver is loaded.
#define DEVICE_TRIES 2000
#define DEVICE_PAUSE_NS 5000000

static void make_folder(const char* path, mode_t mode) {
  if (mkdir(path, mode) != 0 && errno != EEXIST) fail("cannot make %s: %s", path, strerror(errno));
}

static void must_mount(const char* source, const char* target, const char* type, unsigned long flags,
                       const char* options) {
  if (mount(source, target, type, flags, options) != 0)
    fail("cannot mount %s on %s: %s", source, target, strerror(errno));
}

/// First line of a file of the kernel's, without its end; empty when there is none.
static void read_line(const char* path, char* line, size_t size) {
  line[0] = 0;
  FILE* file = fopen(path, "re");
  if (!file) return;
  if (!fgets(line, (int)size, file)) line[0] = 0;
  fclose(file);
  line[strcspn(line, "\n")] = 0;
  for (size_t end = strlen(line); end > 0 && line[end - 1] == ' ';) line[--end] = 0;  // NVMe pads with blanks
}

static void write_text(const char* path, const char* text) {
  FILE* file = fopen(path, "we");
  if (!file) return;
  fputs(text, file);
  fclose(file);
}

/// Looks through a folder of /sys for the device whose attribute has this value; waits for it. 0 when it never comes.
static int find_device(const char* folder, const char* attribute, const char* value, char name[NAME_MAX + 1]) {
  for (int tries = 0; tries < DEVICE_TRIES; tries++) {
    DIR* devices = opendir(folder);
    for (const struct dirent* entry; devices && (entry = readdir(devices));) {
      char path[PATH_MAX], found[128];
      snprintf(path, sizeof path, "%s/%s/%s", folder, entry->d_name, attribute);
      read_line(path, found, sizeof found);
      if (strcmp(found, value) == 0) {
        snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
        closedir(devices);
        return 1;
      }
    }
    if (devices) closedir(devices);
    nanosleep(&(struct timespec){0, DEVICE_PAUSE_NS}, NULL);
  }
  return 0;
}

static int open_port(const char* wanted) {
  char name[NAME_MAX + 1], path[PATH_MAX];
  if (!find_device("/sys/class/virtio-ports", "name", wanted, name)) fail("there is no port %s", wanted);
  snprintf(path, sizeof path, "/dev/%s", name);
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) fail("cannot open %s: %s", path, strerror(errno));
  return fd;
}

static void load_modules(void) {
  char name[NAME_MAX], path[PATH_MAX];
  FILE* order = fopen("/modules/order", "re");
  if (!order) fail("the initramfs holds no modules");
  while (fgets(name, sizeof name, order)) {
    name[strcspn(name, "\n")] = 0;
    snprintf(path, sizeof path, "/modules/%s", name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    // One that fails is missed later, if at all, by what needs it.
    if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST))
      fprintf(stderr, "zctrace-init: %s does not load: %s\n", name, strerror(errno));
    if (fd >= 0) close(fd);
  }
  fclose(order);
}

static void set_limits(void) {
  const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  const struct rlimit files = {65536, 1048576};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
  setrlimit(RLIMIT_NOFILE, &files);
  write_text("/proc/sys/kernel/kptr_restrict", "0");
  write_text("/proc/sys/kernel/perf_event_paranoid", "-1");
}

void start_devices(struct ports* ports) {
  umask(0);
  must_mount("proc", "/proc", "proc", 0, "");
  must_mount("sysfs", "/sys", "sysfs", 0, "");
  must_mount("devtmpfs", "/dev", "devtmpfs", 0, "");
  // Asks for a module that no Debian has: before there is a modprobe, which would look for it for up to a second.
  mount("bpf", BPF_PLACE, "bpf", 0, "mode=700");
  must_mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755");
  make_folder("/run/zctrace", 0755);
  set_limits();
  load_modules();
  ports->control = open_port("zctrace.control");
  ports->out = open_port("zctrace.out");
  ports->err = open_port("zctrace.err");
  ports->in = open_port("zctrace.in");
  ports->data = open_port("zctrace.data");
}

/// The kernel's other modules lie on the host, perhaps in a user's cache: put them where modprobe looks, so that what
/// the command needs (tls, tcp_bbr, ...) is loaded on demand. A kernel that boots without can do without.
static void offer_modules(const char* folder, const char* release) {
  char place[PATH_MAX];
  snprintf(place, sizeof place, "/lib/modules/%s", release);
  if (strcmp(folder, place) == 0) return;
  mkdir("/lib/modules", 0755);
  mkdir(place, 0755);
  if (mount(folder, place, NULL, MS_BIND, NULL) != 0)
    fprintf(stderr, "zctrace-init: no more modules: %s: %s\n", folder, strerror(errno));
}

static void mount_disk(void) {
  char name[NAME_MAX + 1], path[PATH_MAX];
  if (!find_device("/sys/block", "device/serial", "zctrace-disk", name)) fail("there is no disk");
  snprintf(path, sizeof path, "/dev/%s", name);
  // noinit_itable: the file system's own late writes would mix with what is observed.
  must_mount(path, "/run/zctrace/disk", "ext4", MS_NOATIME, "noinit_itable");
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) fail("cannot raise lo: %s", strerror(errno));
  close(fd);
}

/// Its 9p would keep the machine's state from being saved as long as it is mounted.
static void mount_host(void) {
  must_mount("host", "/lower", "9p", MS_RDONLY, "trans=virtio,version=9p2000.L,msize=1048576,cache=loose");
}

void prepare(int control) {
  const struct request request = read_request(control);
  const struct {
    const char *from, *to;
  } shared[] = {{"/proc", "/lower/proc"}, {"/sys", "/lower/sys"}, {BPF_PLACE, "/lower/sys/fs/bpf"}, {"/dev", "/lower/dev"},
                {"/run", "/lower/run"}};
  const int places = sizeof shared / sizeof *shared;
  mount_host();
  for (int i = 0; i < places; i++) mount(shared[i].from, shared[i].to, NULL, MS_BIND, NULL);
  const pid_t child = fork();
  if (child < 0) fail("cannot fork: %s", strerror(errno));
  if (child == 0) {
    if (chroot("/lower") != 0) _exit(126);
    become(&request, open("/dev/null", O_RDONLY), STDERR_FILENO, STDERR_FILENO);
  }
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) fprintf(stderr, "zctrace-init: what was to be prepared failed: status %d\n", status);
  for (int i = places; i > 0; i--) umount(shared[i - 1].to);
  if (umount("/lower") != 0) fail("cannot leave the host's root: %s", strerror(errno));
}

void enter_root(void) {
  char modules[PATH_MAX];
  struct utsname system;
  uname(&system);
  read_line("/modules/folder", modules, sizeof modules);

  mount_host();
  must_mount("upper", "/upper", "tmpfs", 0, "mode=755");
  make_folder("/upper/data", 0755);
  make_folder("/upper/work", 0755);
  must_mount("zctrace", "/root", "overlay", 0, "lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work");
  must_mount("/proc", "/root/proc", NULL, MS_MOVE, NULL);
  must_mount("/sys", "/root/sys", NULL, MS_MOVE, NULL);
  must_mount("/dev", "/root/dev", NULL, MS_MOVE, NULL);
  must_mount("/run", "/root/run", NULL, MS_MOVE, NULL);
  mount(BPF_PLACE, "/root/sys/fs/bpf", NULL, MS_MOVE, NULL);
  if (chdir("/root") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
    fail("cannot enter the root: %s", strerror(errno));

  offer_modules(modules, system.release);
  make_folder("/dev/pts", 0755);
  make_folder("/dev/shm", 01777);
  must_mount("devpts", "/dev/pts", "devpts", 0, "mode=620,ptmxmode=666");
  must_mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
  mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
  mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
  symlink("/proc/self/fd", "/dev/fd");
  symlink("/proc/self/fd/0", "/dev/stdin");
  symlink("/proc/self/fd/1", "/dev/stdout");
  symlink("/proc/self/fd/2", "/dev/stderr");

  make_folder("/run/lock", 01777);
  umask(022);
  make_folder("/run/netns", 0755);
  make_folder("/run/zctrace/disk", 0755);
  mount_disk();
  char line[sizeof system.release + 1];
  snprintf(line, sizeof line, "%s\n", system.release);
  write_text("/run/zctrace/lab", line);
  sethostname("zctrace-lab", strlen("zctrace-lab"));
  raise_loopback();
}
