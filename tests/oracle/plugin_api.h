// The part of QEMU's plugin interface, version 1 (since QEMU 4.2), that the witness uses. Debian packages QEMU with
// plugins, but not their header: these are its names and types, from the interface's documentation
// (https://www.qemu.org/docs/master/devel/tcg-plugins.html).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))
#define PLUGIN_API 1

struct plugin_info {
  const char* target_name;
  struct {
    int lowest, current;
  } api;
  bool whole_system;
  struct {
    int processors, most_processors;
  } system;
};

struct qemu_plugin_tb;      // a block that is being translated
struct qemu_plugin_insn;    // one of its instructions
struct qemu_plugin_hwaddr;  // where an access went

enum plugin_registers { NO_REGISTERS = 0 };
enum plugin_access { LOADS = 1, STORES = 2 };

typedef void (*on_translation)(uint64_t plugin, struct qemu_plugin_tb* block);
typedef void (*on_execution)(unsigned processor, void* own);
typedef void (*on_access)(unsigned processor, uint32_t access, uint64_t address, void* own);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t plugin, on_translation);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, on_execution, enum plugin_registers, void* own);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn*, on_access, enum plugin_registers, enum plugin_access,
                                      void* own);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn*);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn*);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn*);
void* qemu_plugin_insn_haddr(const struct qemu_plugin_insn*);  // where the emulator's own memory holds it

bool qemu_plugin_mem_is_store(uint32_t access);
unsigned qemu_plugin_mem_size_shift(uint32_t access);
struct qemu_plugin_hwaddr* qemu_plugin_get_hwaddr(uint32_t access, uint64_t address);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr*);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr*);
