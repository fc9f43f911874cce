// A witness of copies: a plugin of QEMU's code generator that sees every store of the guest, finds those that write
// bytes of the payload, and says which instruction made them and who had called it. It knows nothing of zctrace: no
// hook, no map, no line is shared.
//
//   qemu-system-x86_64 ... -plugin libwitness.so,out=FILE,gate=ADDRESS,gate=ADDRESS
//
// The payload is recognised by what it says: its 8-byte words are a number each, from 0 on, the payload's own number
// and a magic word. So every byte of it is known by its place in the payload. witness.py makes such files.
//
// What is found is written to `out` in the order of its happening, one line each:
//   gate N CPU         the N-th gate (from 0) was passed: an instruction at that address
//   chain N SITE...    the N-th way somewhere, outermost first: calls that have not returned, or that have since the
//                      one before them in the line
//   stores CPU PAYLOAD AT BYTES PC user|kernel CHAIN
//                      bytes AT.. of the payload were written, from the instruction at PC on, to addresses of a
//                      program's or the kernel's; CHAIN -1: by a program itself
// Addresses are the guest's, and hexadecimal; the reader knows the functions' names.
//
// How: stores that touch each other within a page are one run. When it ends, the run's bytes are looked at where the
// emulator holds them, in its own memory. A head and a tail that overlap, as memcpy makes them, count once. Runs below
// 16 bytes are not looked at: one may hold no whole word of the payload.
//
// The machine must run in one thread (-accel tcg,thread=single), have its memory in one piece below 3.5 GiB, and its
// kernel at the address that it was linked for.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin_api.h"

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API;

enum { PAGE = 4096, PROCESSORS = 8, GATES = 8, SHORTEST = 16, WORD = 8 };
#define MAGIC 0xc39a5ae7u
#define FIRST_OF_KERNEL 0xffff800000000000u
#define KERNEL_IMAGE 0xffffffff80000000u  // what lies there lies at the same offset in memory
#define KERNEL_IMAGE_BYTES (512u << 20)

static void fail(const char* what) {
  fprintf(stderr, "witness: %s\n", what);
  exit(1);
}

// What is said: by one write each, for QEMU is killed in the end.

static int out = -1;

static void say(const char* text, size_t length) {
  if (write(out, text, length) != (ssize_t)length) fail("cannot write what was seen");
}

// The guest's memory.

static uint8_t* memory;
static uint64_t memory_bytes;

/// By an instruction of the kernel's: the emulator tells where it holds it, and its physical address follows from its
/// virtual one.
static void find_memory(uint64_t address, const void* held) {
  const uint64_t physical = address - KERNEL_IMAGE;
  FILE* maps = fopen("/proc/self/maps", "re");
  unsigned long first, end;
  char line[512];
  while (maps && !memory && fgets(line, sizeof line, maps)) {
    if (sscanf(line, "%lx-%lx", &first, &end) != 2 || (uintptr_t)held < first || (uintptr_t)held >= end) continue;
    uint8_t* base = (uint8_t*)held - physical;
    if ((uintptr_t)base < first) fail("the kernel is not where it was linked for");
    memory = base;
    memory_bytes = end - (uintptr_t)base;
  }
  if (!memory) fail("the guest's memory was not found");
  fclose(maps);
}

// Who called whom: for each stack, the calls that have not returned. A stack grows downwards, so a call that puts its
// return address at A has outlived all that lie at A or below.

struct call_site {
  uint64_t at, target;  // target 0: not in the instruction
};
enum { DEPTH = 96, STACKS = 4096, STACK_SHIFT = 14 };
struct stack {
  uint64_t number;
  unsigned depth;
  struct {
    uint64_t slot;
    const struct call_site* site;
  } calls[DEPTH];
};
static struct stack stacks[STACKS];

/// A place of its own for each: two that shared one would wipe out each other's calls.
static struct stack* stack_of(uint64_t address) {
  const uint64_t number = address >> STACK_SHIFT, hash = number * 0x9e3779b97f4a7c15u >> 52;
  for (unsigned i = 0; i < STACKS; i++) {
    struct stack* stack = &stacks[(hash + i) % STACKS];
    if (!stack->number) stack->number = number;
    if (stack->number == number) return stack;
  }
  fail("too many stacks");
  return 0;
}

// The stacks that a processor was on, the last one first. An interrupt that has returned still stands there before what
// it had interrupted: no call tells of a return.
enum { RECENT = 4 };
static struct stack* recent[PROCESSORS][RECENT];

static void note_stack(unsigned processor, struct stack* stack) {
  struct stack** list = recent[processor];
  unsigned i = 0;
  while (i + 1 < RECENT && list[i] != stack) i++;
  for (; i > 0; i--) list[i] = list[i - 1];
  list[0] = stack;
}

enum { CHAINS = 1 << 16 };
static uint64_t chains[CHAINS];
static unsigned chains_known;

/// How many of the stack's calls lead to an instruction, if the innermost of them is seen to: a copying routine is
/// short, and called by its name. 0: none is seen to.
static unsigned calls_to(const struct stack* stack, uint64_t pc) {
  enum { LONGEST_ROUTINE = 2048 };  // _copy_to_iter of 5.10 is longer than 1 KiB
  for (unsigned depth = stack->depth; depth > 0; depth--) {
    const uint64_t target = stack->calls[depth - 1].site->target;
    if (target <= pc && pc - target < LONGEST_ROUTINE) return depth;
  }
  return 0;
}

/// The number of the way to an instruction; a new one is written out first.
static int chain_to(unsigned processor, uint64_t pc) {
  const struct stack* stack = recent[processor][0];
  if (!stack) return -1;
  unsigned depth = stack->depth;
  for (unsigned i = 0; i < RECENT && recent[processor][i]; i++) {
    const unsigned calls = calls_to(recent[processor][i], pc);
    if (!calls) continue;
    stack = recent[processor][i];
    depth = calls;
    break;
  }
  uint64_t hash = 1469598103934665603u;
  for (unsigned i = 0; i < depth; i++) hash = (hash ^ stack->calls[i].site->at) * 1099511628211u;
  for (unsigned i = chains_known; i-- > 0;)
    if (chains[i] == hash) return (int)i;
  if (chains_known == CHAINS) fail("too many ways");
  chains[chains_known] = hash;
  static char line[64 + DEPTH * 20];
  int length = sprintf(line, "chain %u", chains_known);
  for (unsigned i = 0; i < depth; i++) length += sprintf(line + length, " %lx", stack->calls[i].site->at);
  line[length++] = '\n';
  say(line, (size_t)length);
  return (int)chains_known++;
}

// Runs of stores.

struct run {
  uint64_t first, end;  // addresses
  uint64_t pc;          // of the first one
  const uint8_t* page;  // where the emulator holds the page that it lies in; 0: not asked for yet
  bool elsewhere;       // not in the guest's memory
};
static struct run runs[PROCESSORS];

/// The payload's byte at a place.
static uint8_t byte_at(unsigned payload, uint64_t at) {
  const uint64_t word = (uint64_t)MAGIC << 32 | (uint64_t)payload << 24 | (at / WORD & 0xffffff);
  return (uint8_t)(word >> at % WORD * 8);
}

static void report(unsigned processor, const struct run* run, unsigned payload, uint64_t at, uint64_t bytes,
                   uint64_t address) {
  const int chain = run->pc < FIRST_OF_KERNEL ? -1 : chain_to(processor, run->pc);
  char line[160];
  say(line, (size_t)sprintf(line, "stores %u %u %lu %lu %lx %s %d\n", processor, payload, at, bytes, run->pc,
                            address < FIRST_OF_KERNEL ? "user" : "kernel", chain));
}

/// Looks at what a run has written. The words may lie anywhere in it: its first whole one is looked for, then as many
/// bytes before and behind it as go on as they should.
static void look_at(unsigned processor, const struct run* run) {
  const uint8_t* bytes = run->page + run->first % PAGE;
  const uint64_t length = run->end - run->first;
  for (uint64_t from = 0, i = 0; i + WORD <= length; i++) {
    uint64_t word;
    memcpy(&word, bytes + i, sizeof word);
    if (word >> 32 != MAGIC) continue;
    const unsigned payload = word >> 24 & 0xff;
    const uint64_t at = (word & 0xffffff) * WORD;
    uint64_t begin = i, end = i + WORD;
    while (begin > from && at + begin > i && bytes[begin - 1] == byte_at(payload, at + begin - 1 - i)) begin--;
    while (end < length && bytes[end] == byte_at(payload, at + end - i)) end++;
    report(processor, run, payload, at + begin - i, end - begin, run->first + begin);
    from = end;
    i = end - 1;
  }
}

static void end_run(unsigned processor) {
  struct run* run = &runs[processor];
  if (run->page) look_at(processor, run);
  run->end = 0;
}

static void begin_run(struct run* run, uint64_t pc, uint64_t first, uint64_t end) {
  run->first = first;
  run->end = end;
  run->pc = pc;
  run->page = 0;
  run->elsewhere = false;
}

static void locate(struct run* run, uint32_t access, uint64_t address) {
  const struct qemu_plugin_hwaddr* where = qemu_plugin_get_hwaddr(access, address);
  const uint64_t physical = where && !qemu_plugin_hwaddr_is_io(where) ? qemu_plugin_hwaddr_phys_addr(where) : ~0ull;
  run->elsewhere = !memory || physical >= memory_bytes;
  if (!run->elsewhere) run->page = memory + (physical & ~(uint64_t)(PAGE - 1));
}

static void on_store(unsigned processor, uint32_t access, uint64_t address, void* own) {
  if (!qemu_plugin_mem_is_store(access)) return;
  struct run* run = &runs[processor];
  const uint64_t end = address + (1u << qemu_plugin_mem_size_shift(access));
  const uint64_t page = address & ~(uint64_t)(PAGE - 1), page_end = page + PAGE;
  const bool touches = run->end && address <= run->end && end >= run->first;
  if (touches && (run->first ^ address) < PAGE && end <= page_end) {
    if (address < run->first) run->first = address;
    if (end > run->end) run->end = end;
    if (!run->page && !run->elsewhere && run->end - run->first >= SHORTEST) locate(run, access, address);
    return;
  }
  // The last of a page when it is written upwards, or downwards, and the first of the next.
  const bool upwards = touches && (run->first ^ address) < PAGE, downwards = touches && run->first >= page_end;
  if (upwards) run->end = page_end;
  if (downwards) run->first = page_end;
  if (run->end) end_run(processor);
  if (upwards)
    begin_run(run, (uint64_t)own, page_end, end);
  else
    begin_run(run, (uint64_t)own, address, end < page_end ? end : page_end);
}

static void on_call(unsigned processor, uint32_t access, uint64_t address, void* own) {
  if (!qemu_plugin_mem_is_store(access)) return;
  if (runs[processor].end) end_run(processor);
  struct stack* stack = stack_of(address);
  while (stack->depth && stack->calls[stack->depth - 1].slot <= address) stack->depth--;
  if (stack->depth < DEPTH) {
    stack->calls[stack->depth].slot = address;
    stack->calls[stack->depth++].site = own;
  }
  note_stack(processor, stack);
}

// Gates.

static uint64_t gates[GATES];
static unsigned gate_count;

static void on_gate(unsigned processor, void* own) {
  for (unsigned i = 0; i < PROCESSORS; i++)
    if (runs[i].end) end_run(i);
  char line[64];
  say(line, (size_t)sprintf(line, "gate %lu %u\n", (unsigned long)(uintptr_t)own, processor));
}

// Instructions.

/// Calls; a push never copies payload.
enum kind { OTHER, CALL, INDIRECT_CALL, PUSH };

static enum kind kind_of(const uint8_t* code, size_t length) {
  size_t i = 0;
  while (i + 1 < length && (code[i] == 0x2e || code[i] == 0x3e || code[i] == 0x66 || (code[i] & 0xf0) == 0x40)) i++;
  if (code[i] == 0xe8 && i + 5 <= length) return CALL;
  if (code[i] == 0xff && i + 1 < length && (code[i + 1] >> 3 & 7) == 2) return INDIRECT_CALL;
  return (code[i] & 0xf8) == 0x50 ? PUSH : OTHER;
}

static struct call_site* new_site(uint64_t at, const uint8_t* code, size_t length, bool direct) {
  struct call_site* site = malloc(sizeof *site);
  if (!site) fail("no memory");
  int32_t relative = 0;
  if (direct) memcpy(&relative, code + length - sizeof relative, sizeof relative);
  *site = (struct call_site){.at = at, .target = direct ? at + length + (uint64_t)(int64_t)relative : 0};
  return site;
}

static void translate(uint64_t plugin, struct qemu_plugin_tb* block) {
  (void)plugin;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    const uint64_t at = qemu_plugin_insn_vaddr(instruction);
    const uint8_t* code = qemu_plugin_insn_data(instruction);
    const size_t length = qemu_plugin_insn_size(instruction);
    if (!memory && at >= KERNEL_IMAGE && at < KERNEL_IMAGE + KERNEL_IMAGE_BYTES)
      find_memory(at, qemu_plugin_insn_haddr(instruction));
    for (unsigned gate = 0; gate < gate_count; gate++)
      if (gates[gate] == at)
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_gate, NO_REGISTERS, (void*)(uintptr_t)gate);
    const enum kind kind = kind_of(code, length);
    const bool of_kernel = at >= FIRST_OF_KERNEL;
    if (kind == OTHER)
      qemu_plugin_register_vcpu_mem_cb(instruction, on_store, NO_REGISTERS, STORES, (void*)at);
    else if (of_kernel && kind != PUSH)
      qemu_plugin_register_vcpu_mem_cb(instruction, on_call, NO_REGISTERS, STORES,
                                       new_site(at, code, length, kind == CALL));
  }
}

PLUGIN_EXPORT int qemu_plugin_install(uint64_t plugin, const struct plugin_info* info, int argc, char** argv) {
  if (!info->whole_system || strcmp(info->target_name, "x86_64") != 0) fail("only for a whole x86-64 machine");
  if (info->system.most_processors > PROCESSORS) fail("too many processors");
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "out=", 4) == 0)
      out = open(argv[i] + 4, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    else if (strncmp(argv[i], "gate=", 5) == 0 && gate_count < GATES)
      gates[gate_count++] = strtoull(argv[i] + 5, 0, 16);
    else
      fail("its arguments are out=FILE and gate=ADDRESS");
  }
  if (out < 0) fail("out=FILE is missing, or cannot be written");
  qemu_plugin_register_vcpu_tb_trans_cb(plugin, translate);
  return 0;
}
