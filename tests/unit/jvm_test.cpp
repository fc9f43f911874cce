#include "userspace/capture/jvm.h"

#include <doctest/doctest.h>
#include <elf.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace jvm_test {

using namespace zctrace::capture;

namespace {

constexpr uint64_t kBase = 0x2000, kBaseWhenLinked = 0x1800;  // prelinked: all addresses have moved by the difference

std::string note(uint64_t address, const std::string& provider, const std::string& name, const std::string& arguments) {
  std::string description(3 * sizeof(uint64_t), '\0');
  memcpy(description.data(), &address, sizeof address);
  memcpy(description.data() + sizeof address, &kBaseWhenLinked, sizeof kBaseWhenLinked);
  for (const auto& text : {provider, name, arguments}) description += text + '\0';
  const Elf64_Nhdr head{8, static_cast<Elf64_Word>(description.size()), 3};
  description.resize((description.size() + 3) / 4 * 4);
  return std::string(reinterpret_cast<const char*>(&head), sizeof head) + std::string("stapsdt\0", 8) + description;
}

/// A library of a segment, with these notes.
std::string library(const std::string& notes) {
  const std::string names("\0.note.stapsdt\0.stapsdt.base\0.names\0", 36);
  const Elf64_Phdr segment{.p_type = PT_LOAD,
                           .p_flags = 0,
                           .p_offset = 0x100,
                           .p_vaddr = 0x1100,
                           .p_paddr = 0,
                           .p_filesz = 0x4000,
                           .p_memsz = 0x4000,
                           .p_align = 0x1000};
  std::string file(sizeof(Elf64_Ehdr), '\0');
  const auto append = [&](const void* part, size_t size) {
    const size_t at = file.size();
    file.append(static_cast<const char*>(part), size);
    return at;
  };
  const auto segments_at = append(&segment, sizeof segment);
  const auto notes_at = append(notes.data(), notes.size()), names_at = append(names.data(), names.size());
  std::vector<Elf64_Shdr> sections(4);
  sections[1].sh_name = 1, sections[1].sh_offset = notes_at, sections[1].sh_size = notes.size();
  sections[2].sh_name = 15, sections[2].sh_addr = kBase;
  sections[3].sh_name = 29, sections[3].sh_offset = names_at, sections[3].sh_size = names.size();
  Elf64_Ehdr header{};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_phoff = segments_at, header.e_phnum = 1, header.e_phentsize = sizeof segment;
  header.e_shoff = append(sections.data(), sections.size() * sizeof sections[0]);
  header.e_shnum = 4, header.e_shentsize = sizeof sections[0], header.e_shstrndx = 3;
  memcpy(file.data(), &header, sizeof header);
  return file;
}

std::optional<JvmProbes> probes_in(const std::string& contents) {
  const auto path = std::filesystem::temp_directory_path() / "zctrace-unit-libjvm.so";
  std::ofstream(path, std::ios::binary) << contents;
  const auto probes = probes_of_jvm(path);
  std::filesystem::remove(path);
  return probes;
}

const std::string kSet = "SetByteArrayRegion__entry", kGet = "GetByteArrayRegion__entry";
const std::string kArguments = "8@%r14 8@%rbx -4@%r13d -4@%r12d 8@-88(%rbp)";

}  // namespace

TEST_CASE("an argument of a JVM's probe") {
  const auto in_register = parse_operand("-4@%r12d");
  REQUIRE(in_register);
  CHECK(*in_register == ProbeOperand{offsetof(user_regs_struct, r12), 0, false});
  const auto in_memory = parse_operand("4@-92(%rbp)");
  REQUIRE(in_memory);
  CHECK(*in_memory == ProbeOperand{offsetof(user_regs_struct, rbp), -92, true});
  CHECK(parse_operand("-4@(%rsp)") == ProbeOperand{offsetof(user_regs_struct, rsp), 0, true});
  for (const auto* other : {"8@%r12", "-4@$5", "-4@%xmm0", "-4@8(%rbp", "-4@8(%rax,%rbx,4)", "-4@symbol(%rip)", ""})
    CHECK_MESSAGE(!parse_operand(other), other);
}

TEST_CASE("a JVM's probes are found by its library's notes, wherever that was linked to") {
  const auto probes = probes_in(library(note(0x1a00, "hotspot", "gc__begin", "-4@%eax") +
                                        note(0x1900, "hotspot_jni", kSet, kArguments) +
                                        note(0x1980, "hotspot_jni", kGet, "8@%r14 8@%rbx -4@%r13d -4@8(%rsp) 8@%rax")));
  REQUIRE(probes);
  CHECK(probes->set.offset == 0x1900 + (kBase - kBaseWhenLinked) - 0x1000);
  CHECK(probes->set.length == ProbeOperand{offsetof(user_regs_struct, r12), 0, false});
  CHECK(probes->get.offset == 0x1980 + (kBase - kBaseWhenLinked) - 0x1000);
  CHECK(probes->get.length == ProbeOperand{offsetof(user_regs_struct, rsp), 8, true});
}

TEST_CASE("a JVM whose probes are not all understood has none") {
  const auto set = note(0x1900, "hotspot_jni", kSet, kArguments), get = note(0x1980, "hotspot_jni", kGet, kArguments);
  CHECK(probes_in(library(set + get)));
  CHECK(!probes_in(library(set)));
  CHECK(!probes_in(library(set + set + get)));                                                    // two places
  CHECK(!probes_in(library(set + note(0x1980, "hotspot_jni", kGet, "8@%r14 8@%rbx -4@%r13d"))));  // no length
  CHECK(!probes_in(library(set + note(0x9900, "hotspot_jni", kGet, kArguments))));                // outside of the file
  CHECK(!probes_in(library("")));
  CHECK(!probes_in("#!/bin/sh\n"));
  const auto whole = library(set + get);
  for (const size_t size : {size_t{100}, size_t{200}, size_t{400}, whole.size() - 1})
    CHECK(!probes_in(whole.substr(0, size)));
}

TEST_CASE("a traced program that puts a pipe where its libjvm.so was cannot stop a trace") {
  const std::string pipe = std::filesystem::temp_directory_path() / ("zctrace-libjvm-" + std::to_string(getpid()));
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(!probes_of_jvm(pipe));
  std::filesystem::remove(pipe);
  CHECK(!probes_of_jvm("/dev/zero"));
}

}  // namespace jvm_test
