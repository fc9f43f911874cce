/* Runs a command under floor.bpf.c: floor OBJECT COMMAND... */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char* what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  return 1;
}

/* Where raw tracepoints' programs may be preempted, zctrace takes perf's: userspace/capture/features.def. */
static bool takes_perfs(void) {
  char line[512];
  bool found = false;
  FILE* symbols = fopen("/proc/kallsyms", "re");
  while (symbols && !found && fgets(line, sizeof line, symbols)) found = strstr(line, " tracepoint_srcu\n") != NULL;
  if (symbols) fclose(symbols);
  struct btf* types = btf__load_vmlinux_btf();
  found = found && types && btf__find_by_name_kind(types, "tracepoint_ext", BTF_KIND_STRUCT) > 0;
  btf__free(types);
  return found;
}

int main(int count, char** arguments) {
  if (count < 3) return 2;
  struct bpf_object* object = bpf_object__open_file(arguments[1], NULL);
  if (!object) return fail(arguments[1]);
  const bool by_perf = takes_perfs();
  struct bpf_program* program;
  bpf_object__for_each_program(program, object)
    bpf_program__set_autoload(program, by_perf == (bpf_program__type(program) == BPF_PROG_TYPE_TRACEPOINT));
  if (bpf_object__load(object)) return fail("loading the BPF program");
  bpf_object__for_each_program(program, object) {
    if (bpf_program__autoload(program) && !bpf_program__attach(program)) return fail("attaching the BPF program");
  }
  int gate[2];
  if (pipe2(gate, O_CLOEXEC)) return fail("a pipe");
  const pid_t child = fork();
  if (child == 0) {
    char go;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(gate[0], &go, 1) == 1) execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    _exit(127);
  }
  const uint32_t task = (uint32_t)child;
  const uint64_t none = 0;
  const int tasks = bpf_object__find_map_fd_by_name(object, "tasks");
  if (child < 0 || bpf_map_update_elem(tasks, &task, &none, BPF_ANY) || write(gate[1], "", 1) != 1)
    return fail("starting the command");
  int status;
  if (waitpid(child, &status, 0) < 0) return fail("waiting for the command");
  uint64_t calls = 0;
  /* A floor that saw nothing would be no floor. */
  if (bpf_map_lookup_elem(tasks, &task, &calls) || calls == 0) {
    fputs("floor: the BPF program has seen no system call\n", stderr);
    return 1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
