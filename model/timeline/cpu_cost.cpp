#include "model/timeline/cpu_cost.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "model/timeline/model.h"

namespace zctrace::timeline {
namespace {

/// The kernel's routines that copy bytes. Where the processor has FSRM, and Linux is 6.4 or later, a copy between
/// user and kernel memory is one instruction inside of its caller (commit 427fda2c8a49): hence these callers too.
constexpr std::string_view kCopies[] = {
    // between user and kernel memory, x86
    "copy_user_enhanced_fast_string",
    "copy_user_generic_string",
    "copy_user_generic_unrolled",
    "copy_user_short_string",
    "__copy_user_nocache",
    "rep_movs_alternative",
    "_copy_to_iter",
    "_copy_from_iter",
    "_copy_from_iter_full",
    "_copy_from_iter_nocache",
    "_copy_from_iter_full_nocache",
    "_copy_to_user",
    "_copy_from_user",
    "copy_page_from_iter_atomic",
    "copy_folio_from_iter_atomic",
    "copy_page_to_iter_nofault",
    // and arm64
    "__arch_copy_from_user",
    "__arch_copy_to_user",
    // within the kernel
    "memcpy",
    "__memcpy",
    "memcpy_orig",
    "memcpy_erms",
    "memmove",
    "__memmove",
    "memmove_erms",
    "__pi_memcpy",
    "__pi_memmove",
    "memcpy_toio",
    "memcpy_fromio",
    "copy_page",
    "copy_page_regs",
    "copy_mc_fragile",
    "copy_mc_enhanced_fast_string",
    "csum_partial_copy_generic",
};

/// Ciphers and what authenticates with them, by how their names begin: each processor has its own.
constexpr std::string_view kTransforms[] = {
    "aes",         "_aes",           "__aes",        "crypto_aes",      "gcm_",
    "gcmaes_",     "generic_gcmaes", "ghash",        "clmul_ghash",     "__clmul_gf128mul",
    "gf128mul_",   "chacha",         "__chacha",     "hchacha",         "poly1305_",
    "crypto_gcm_", "crypto_ctr_",    "__crypto_xor", "_key_expansion_",
};

/// Libraries of ciphers, whole: which of their routines runs is not told.
constexpr std::string_view kCipherLibraries[] = {"[libcrypto.so", "[libgnutls.so", "[libgcrypt.so", "[libnettle.so"};

bool begins_with_any(std::string_view name, std::span<const std::string_view> table) {
  return std::ranges::any_of(table, [&](std::string_view begin) { return name.starts_with(begin); });
}

}  // namespace

CpuWork work_of_kernel_routine(std::string_view name) {
  name = name.substr(0, name.find('.'));  // ".cold", ".isra.0"
  if (std::ranges::find(kCopies, name) != std::end(kCopies)) return CpuWork::copy;
  return begins_with_any(name, kTransforms) ? CpuWork::transform : CpuWork::other;
}

CpuWork work_of_program_part(std::string_view name) {
  return begins_with_any(name, kCipherLibraries) ? CpuWork::transform : CpuWork::program;
}

const CpuSide& CpuCost::of(Side side) const { return side == Side::sender ? sender : receiver; }

uint64_t samples_of(const CpuCost& cost, Side side) {
  uint64_t samples = 0;
  for (const auto& routine : cost.routines) samples += routine.samples[static_cast<size_t>(side)];
  return samples;
}

uint64_t samples_of(const CpuCost& cost, Side side, CpuWork work) {
  uint64_t samples = 0;
  for (const auto& routine : cost.routines)
    if (routine.work == work) samples += routine.samples[static_cast<size_t>(side)];
  return samples;
}

std::optional<SampledShare> share_of(const CpuCost& cost, Side side, CpuWork work) {
  constexpr double z = 1.96;
  const auto all = static_cast<double>(samples_of(cost, side));
  if (all == 0) return std::nullopt;
  const double part = static_cast<double>(samples_of(cost, side, work)) / all;
  return SampledShare{part, z * std::sqrt(part * (1 - part) / all + z * z / (4 * all * all)) / (1 + z * z / all)};
}

std::optional<double> cpu_ns_per_mib(const CpuCost& cost, Side side) {
  if (cost.bytes == 0) return std::nullopt;
  return static_cast<double>(cost.of(side).cpu_ns) * (1 << 20) / static_cast<double>(cost.bytes);
}

}  // namespace zctrace::timeline
