/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel's ciphers: which one it is, and who works it. */
#pragma once

static __always_inline __u64 cipher_of(struct crypto_alg* algorithm) {
  char name[8] = {};
  bpf_probe_read_kernel(name, sizeof name, (const char*)algorithm + bpf_core_field_offset(algorithm->cra_name));
  return begins_with(name, "gcm(aes)", 8)   ? ZC_CIPHER_AES_GCM
         : begins_with(name, "ccm(aes)", 8) ? ZC_CIPHER_AES_CCM
         : begins_with(name, "xts(aes)", 8) ? ZC_CIPHER_AES_XTS
         : begins_with(name, "rfc7539(", 8) ? ZC_CIPHER_CHACHA20_POLY1305
                                            : ZC_CIPHER_OTHER;
}

/* By the CPU: a device's driver is left out, and what it is given is then not explained. */
static __always_inline bool is_by_cpu(struct crypto_alg* algorithm) {
  return !(BPF_CORE_READ(algorithm, cra_flags) & CRYPTO_ALG_KERN_DRIVER_ONLY);
}
