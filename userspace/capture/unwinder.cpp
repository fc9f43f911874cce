#include "userspace/capture/unwinder.h"

#include <cxxabi.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>
#include <gelf.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <span>

#include "base/fd.h"
#include "base/io.h"

namespace zctrace::capture {

namespace {

constexpr uint64_t kPage = 4096;
constexpr size_t kMostFrames = 256;
constexpr std::string_view kGoExit = "runtime.goexit";  // its address is what each goroutine's function returns to

char* debug_files = nullptr;  // where libdwfl looks by itself: .debug, /usr/lib/debug
const Dwfl_Callbacks kCallbacks{
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_build_id_find_debuginfo,  // the standard one asks debuginfod's servers
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = &debug_files,
};

/// Where the file's address 0 is in memory; nothing where that mapping is of no loaded segment.
std::optional<uint64_t> bias_of(int fd, uint64_t begin, uint64_t offset) {
  Elf* elf = elf_begin(fd, ELF_C_READ_MMAP, nullptr);
  std::optional<uint64_t> bias;
  size_t count = 0;
  if (elf && elf_getphdrnum(elf, &count) == 0)
    for (size_t i = 0; i < count && !bias; ++i) {
      GElf_Phdr segment;
      if (!gelf_getphdr(elf, static_cast<int>(i), &segment) || segment.p_type != PT_LOAD) continue;
      const uint64_t first = segment.p_offset & ~(kPage - 1);
      if (offset >= first && offset < segment.p_offset + segment.p_filesz)
        bias = begin - (segment.p_vaddr & ~(kPage - 1)) - (offset - first);
    }
  elf_end(elf);
  return bias;
}

/// Without the version of a library's symbol, and demangled.
std::string plain_name(std::string name) {
  name = name.substr(0, name.find('@'));
  int status = 0;
  if (!name.starts_with("_Z")) return name;
  char* plain = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string text = status == 0 && plain ? plain : name;
  free(plain);
  return text;
}

pid_t only_thread(Dwfl*, void* argument, void** thread) {
  if (*thread) return 0;
  *thread = argument;
  return 1;
}

}  // namespace

struct Unwinder::State {
  std::shared_ptr<const CodeSpace> space;
  uint64_t changes = 0;
  Dwfl* dwfl = nullptr;
  bool attached = false;
  const zc_stack* stack = nullptr;
  bool missed = false;  ///< memory was asked for that is not there: libdwfl takes that for the stack's end
  bool beyond = false;  ///< beyond what is kept

  static bool read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* result, void* self);
  static bool set_registers(Dwfl_Thread* thread, void* self);
  static int take_frame(Dwfl_Frame* frame, void* addresses);
  void add_modules();
  ProgramFrame frame_at(uint64_t address) const;
  std::string name_at(Dwfl_Module* module, uint64_t address, std::string first) const;
  bool is_entry(uint64_t address) const;
};

bool Unwinder::State::read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* result, void* self) {
  auto& state = *static_cast<State*>(self);
  const zc_stack& stack = *state.stack;
  const uint64_t from = stack.registers[ZC_REG_SP];
  if (address < from || address + sizeof *result > from + stack.memory_bytes) {
    state.missed = true;
    state.beyond = state.beyond || address >= from + stack.memory_bytes;
    return false;
  }
  std::memcpy(result, stack.memory + (address - from), sizeof *result);
  return true;
}

bool Unwinder::State::set_registers(Dwfl_Thread* thread, void* self) {
  const auto& at = static_cast<State*>(self)->stack->registers;
  // DWARF's order: rax rdx rcx rbx rsi rdi rbp rsp r8 ... r15, and the return address. The kernel's: struct pt_regs.
  constexpr int kOrder[] = {10, 12, 11, 5, 13, 14, ZC_REG_BP, ZC_REG_SP, 9, 8, 7, 6, 3, 2, 1, 0, ZC_REG_IP};
  Dwarf_Word registers[std::size(kOrder)];
  for (size_t i = 0; i < std::size(kOrder); ++i) registers[i] = at[kOrder[i]];
  dwfl_thread_state_register_pc(thread, at[ZC_REG_IP]);
  return dwfl_thread_state_registers(thread, 0, std::size(kOrder), registers);
}

int Unwinder::State::take_frame(Dwfl_Frame* frame, void* addresses) {
  auto& found = *static_cast<std::vector<uint64_t>*>(addresses);
  Dwarf_Addr pc = 0;
  bool activation = false;
  if (!dwfl_frame_pc(frame, &pc, &activation) || found.size() >= kMostFrames) return DWARF_CB_ABORT;
  found.push_back(activation || found.empty() ? pc : pc - 1);  // within the call
  return pc < kPage ? DWARF_CB_ABORT : DWARF_CB_OK;
}

void Unwinder::State::add_modules() {
  dwfl_report_begin(dwfl);
  std::set<std::string> reported;
  for (const auto& [begin, mapping] : space->mappings) {
    if (reported.contains(mapping.path)) continue;
    Fd file = open_plain(fmt::format("/proc/{}/root{}", space->pid, mapping.path));
    if (!file) file = open_plain(mapping.path);
    if (!file) continue;
    const auto bias = bias_of(file.get(), begin, mapping.offset);
    const char* path = mapping.path.c_str();
    // It takes the descriptor where it can use the file.
    if (bias && dwfl_report_elf(dwfl, path, path, file.get(), *bias, true)) {
      reported.insert(mapping.path);
      file.release();
    }
  }
  dwfl_report_end(dwfl, nullptr, nullptr);
}

/// Of several names of a function the one that programs call it by: write, not __write.
std::string Unwinder::State::name_at(Dwfl_Module* module, uint64_t address, std::string first) const {
  if (!first.starts_with('_') || first.starts_with("_Z")) return first;
  const auto reserved = [](const std::string& name) { return name.find_first_not_of('_'); };
  const int count = dwfl_module_getsymtab(module);
  for (int i = 1; i < count; ++i) {
    GElf_Sym symbol;
    GElf_Addr at = 0;
    const char* name = dwfl_module_getsym_info(module, i, &symbol, &at, nullptr, nullptr, nullptr);
    if (!name || at != address || GELF_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
    if (std::string other = plain_name(name); reserved(other) < reserved(first)) first = std::move(other);
  }
  return first;
}

/// Where a program starts, or a goroutine, nobody has called it.
bool Unwinder::State::is_entry(uint64_t address) const {
  Dwfl_Module* module = dwfl ? dwfl_addrmodule(dwfl, address) : nullptr;
  GElf_Addr bias = 0;
  Elf* elf = module ? dwfl_module_getelf(module, &bias) : nullptr;
  GElf_Ehdr header;
  if (!elf || !gelf_getehdr(elf, &header)) return false;
  if (const char* name = dwfl_module_addrname(module, address); name && std::string_view(name).starts_with(kGoExit))
    return true;
  constexpr uint64_t kStart = 64;  // it does nothing but call
  return address >= header.e_entry + bias && address < header.e_entry + bias + kStart;
}

ProgramFrame Unwinder::State::frame_at(uint64_t address) const {
  ProgramFrame frame;
  frame.offset = address;
  Dwfl_Module* module = dwfl_addrmodule(dwfl, address);
  if (!module) return frame;
  const char* path = nullptr;
  frame.path = dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, &path, nullptr);
  const unsigned char* id = nullptr;
  GElf_Addr id_address = 0;
  const int bytes = dwfl_module_build_id(module, &id, &id_address);
  for (int i = 0; i < bytes; ++i) frame.build_id += fmt::format("{:02x}", id[i]);
  GElf_Addr bias = 0;
  dwfl_module_getelf(module, &bias);
  GElf_Off within = 0;
  GElf_Sym symbol{};
  const char* name = dwfl_module_addrinfo(module, address, &within, &symbol, nullptr, nullptr, nullptr);
  if (name && (symbol.st_size == 0 || within < symbol.st_size)) {
    address -= within;
    frame.name = name_at(module, address, plain_name(name));
  }
  frame.offset = address - bias;
  return frame;
}

Unwinder::Unwinder(std::shared_ptr<const CodeSpace> space) : state_(std::make_unique<State>()) {
  elf_version(EV_CURRENT);
  state_->space = std::move(space);
  state_->changes = state_->space->changes;
  state_->dwfl = dwfl_begin(&kCallbacks);
  if (!state_->dwfl) return;
  state_->add_modules();
  static const Dwfl_Thread_Callbacks kThread{.next_thread = only_thread,
                                             .get_thread = nullptr,
                                             .memory_read = State::read_memory,
                                             .set_initial_registers = State::set_registers,
                                             .detach = nullptr,
                                             .thread_detach = nullptr};
  state_->attached = dwfl_attach_state(state_->dwfl, nullptr, 1, &kThread, state_.get());
}

Unwinder::~Unwinder() {
  if (state_->dwfl) dwfl_end(state_->dwfl);
}

bool Unwinder::is_outdated() const { return state_->changes != state_->space->changes; }

ProgramStack Unwinder::follow(const zc_stack& stack) {
  State& state = *state_;
  ProgramStack program;
  std::vector<uint64_t> addresses;
  state.stack = &stack;
  state.missed = state.beyond = false;
  const bool ended = state.attached && dwfl_getthread_frames(state.dwfl, 1, State::take_frame, &addresses) == 0;
  // Above a program's first function lies its count of arguments.
  const bool at_arguments = addresses.size() > 1 && addresses.back() < kPage;
  if (at_arguments) addresses.pop_back();
  const bool whole = at_arguments || (ended && !state.missed);
  if (addresses.empty()) addresses.push_back(stack.registers[ZC_REG_IP]);
  program.end = whole                                                ? timeline::StackEnd::whole
                : state.beyond || stack.user_frames == ZC_STACK_USER ? timeline::StackEnd::deep
                                                                     : timeline::StackEnd::unknown;
  if (!whole) {
    // The frame pointers may go on beyond what is kept of the memory.
    const auto callers = std::span(stack.user).first(std::min<size_t>(stack.user_frames, ZC_STACK_USER));
    auto at = callers.begin();
    if (addresses.size() > 1) {
      at = std::ranges::find(callers, addresses.back() + 1);
      if (at != callers.end()) ++at;
    }
    for (; at != callers.end(); ++at) addresses.push_back(*at - 1);
  }
  if (state.is_entry(addresses.back())) program.end = timeline::StackEnd::whole;
  for (const uint64_t address : addresses) program.frames.push_back(state.frame_at(address));
  return program;
}

}  // namespace zctrace::capture
