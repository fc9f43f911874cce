#include "userspace/capture/jvm.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/user.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/io.h"

namespace zctrace::capture {

namespace {

constexpr std::string_view kLibrary = "/libjvm.so";

std::string jvm_beside(const std::filesystem::path& program) {
  std::error_code error;
  const auto real = std::filesystem::canonical(program, error);
  if (error) return "";
  const auto library = real.parent_path().parent_path() / "lib/server" / kLibrary.substr(1);
  return std::filesystem::exists(library, error) ? library.string() : "";
}

struct Register {
  std::string_view names[2];  ///< of 64 and of 32 bits
  size_t offset;
};
#if defined(__x86_64__)
constexpr Register kRegisters[] = {
    {{"rax", "eax"}, offsetof(user_regs_struct, rax)},  {{"rbx", "ebx"}, offsetof(user_regs_struct, rbx)},
    {{"rcx", "ecx"}, offsetof(user_regs_struct, rcx)},  {{"rdx", "edx"}, offsetof(user_regs_struct, rdx)},
    {{"rsi", "esi"}, offsetof(user_regs_struct, rsi)},  {{"rdi", "edi"}, offsetof(user_regs_struct, rdi)},
    {{"rbp", "ebp"}, offsetof(user_regs_struct, rbp)},  {{"rsp", "esp"}, offsetof(user_regs_struct, rsp)},
    {{"r8", "r8d"}, offsetof(user_regs_struct, r8)},    {{"r9", "r9d"}, offsetof(user_regs_struct, r9)},
    {{"r10", "r10d"}, offsetof(user_regs_struct, r10)}, {{"r11", "r11d"}, offsetof(user_regs_struct, r11)},
    {{"r12", "r12d"}, offsetof(user_regs_struct, r12)}, {{"r13", "r13d"}, offsetof(user_regs_struct, r13)},
    {{"r14", "r14d"}, offsetof(user_regs_struct, r14)}, {{"r15", "r15d"}, offsetof(user_regs_struct, r15)}};
#else
constexpr Register kRegisters[] = {{{"", ""}, 0}};  // no argument is where we look for it
#endif

std::optional<uint32_t> offset_of_register(std::string_view name) {
  for (const auto& [names, offset] : kRegisters)
    if (!name.empty() && (name == names[0] || name == names[1])) return static_cast<uint32_t>(offset);
  return {};
}

/// Of a file of 64-bit ELF, what its notes tell of its probes.
class ProbeNotes {
 public:
  explicit ProbeNotes(const std::string& path) : file_(open_plain(path)) {
    if (!read(0, header_) || memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0 || header_.e_ident[EI_CLASS] != ELFCLASS64)
      return;
    std::vector<Elf64_Shdr> sections(header_.e_shnum);
    for (size_t i = 0; i < sections.size(); i++)
      if (!read(header_.e_shoff + i * header_.e_shentsize, sections[i])) return;
    if (header_.e_shstrndx >= sections.size()) return;
    const std::string names = bytes(sections[header_.e_shstrndx]);
    for (const Elf64_Shdr& section : sections) {
      if (section.sh_name >= names.size()) continue;
      const std::string_view name = names.c_str() + section.sh_name;
      if (name == ".note.stapsdt") notes_ = bytes(section);
      if (name == ".stapsdt.base") base_ = section.sh_addr;
    }
  }

  /// The one place of a probe: it may have none, or several, of which one would not be all.
  std::optional<JvmProbe> find(std::string_view provider, std::string_view name, size_t argument) {
    std::optional<JvmProbe> found;
    for (size_t at = 0; at + sizeof(Elf64_Nhdr) <= notes_.size();) {
      Elf64_Nhdr note;
      memcpy(&note, notes_.data() + at, sizeof note);
      const size_t description = at + sizeof note + padded(note.n_namesz);
      at = description + padded(note.n_descsz);
      constexpr size_t kAddresses = 3 * sizeof(uint64_t);  // of the instruction, of .stapsdt.base, of a semaphore
      if (at > notes_.size() || note.n_descsz <= kAddresses) continue;
      uint64_t addresses[3];
      memcpy(addresses, notes_.data() + description, sizeof addresses);
      const std::string texts = notes_.substr(description + kAddresses, note.n_descsz - kAddresses);
      std::vector<std::string> fields;  // provider, name, arguments
      for (size_t from = 0; from < texts.size(); from += fields.back().size() + 1)
        fields.emplace_back(texts.c_str() + from);
      if (fields.size() < 3 || fields[0] != provider || fields[1] != name) continue;
      if (found) return {};
      std::istringstream arguments(fields[2]);
      std::string text;
      for (size_t i = 0; i <= argument; i++) arguments >> text;
      const auto operand = parse_operand(text);
      const auto offset = file_offset(addresses[0] + (base_ ? base_ - addresses[1] : 0));  // it may be prelinked
      if (!arguments || !operand || !offset) return {};
      found = JvmProbe{*offset, *operand};
    }
    return found;
  }

 private:
  template <class Part>
  bool read(uint64_t offset, Part& part) {
    return pread(file_.get(), &part, sizeof part, static_cast<off_t>(offset)) == ssize_t{sizeof part};
  }

  std::string bytes(const Elf64_Shdr& section) {
    constexpr uint64_t kMost = 16 << 20;
    std::string all(std::min<uint64_t>(section.sh_size, kMost), '\0');
    const ssize_t got = pread(file_.get(), all.data(), all.size(), static_cast<off_t>(section.sh_offset));
    return got == static_cast<ssize_t>(all.size()) ? all : "";
  }

  static size_t padded(size_t size) { return (size + 3) / 4 * 4; }

  std::optional<uint64_t> file_offset(uint64_t address) {
    for (size_t i = 0; i < header_.e_phnum; i++) {
      Elf64_Phdr segment;
      if (!read(header_.e_phoff + i * header_.e_phentsize, segment)) return {};
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
        return address - segment.p_vaddr + segment.p_offset;
    }
    return {};
  }

  const Fd file_;
  Elf64_Ehdr header_{};
  std::string notes_;
  uint64_t base_ = 0;
};

}  // namespace

std::string jvm_of_process(pid_t pid) {
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  for (std::string line; std::getline(maps, line);)
    // By the root that the process sees.
    if (const auto path = line.find('/'); path != line.npos && line.ends_with(kLibrary))
      return fmt::format("/proc/{}/root{}", pid, line.substr(path));
  return "";
}

std::string jvm_of_command(const std::string& program) {
  if (program.find('/') != program.npos) return jvm_beside(program);
  const char* path = getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const std::string found = folder + "/" + program; access(found.c_str(), X_OK) == 0) return jvm_beside(found);
  return "";
}

std::optional<ProbeOperand> parse_operand(const std::string& text) {
  std::string_view rest = text;
  const auto take = [&](std::string_view part) {
    const bool there = rest.starts_with(part);
    if (there) rest.remove_prefix(part.size());
    return there;
  };
  take("-");  // signed
  if (!take("4@")) return {};
  ProbeOperand operand;
  if (take("%")) {
    const auto reg = offset_of_register(rest);
    if (!reg) return {};
    operand.reg = *reg;
    return operand;
  }
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), operand.displacement);
  if (error == std::errc{}) rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  if (!take("(%") || !rest.ends_with(")")) return {};
  const auto reg = offset_of_register(rest.substr(0, rest.size() - 1));
  if (!reg) return {};
  operand.reg = *reg;
  operand.in_memory = true;
  return operand;
}

std::optional<JvmProbes> probes_of_jvm(const std::string& library) {
  constexpr size_t kLength = 3;  // of (env, array, start, length, buffer)
  ProbeNotes notes(library);
  const auto set = notes.find("hotspot_jni", "SetByteArrayRegion__entry", kLength);
  const auto get = notes.find("hotspot_jni", "GetByteArrayRegion__entry", kLength);
  if (!set || !get) return {};
  return JvmProbes{*set, *get};
}

}  // namespace zctrace::capture
