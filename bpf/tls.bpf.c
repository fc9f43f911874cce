/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Kernel TLS. What is sent is copied or passed on into a record, the cipher reads it and writes
 * the cipher text, whose pages TCP is given; and back. All in the caller's own calls: only their transmission may be left
 * to a worker. */

SEC("fexit/sk_msg_memcopy_from_iter")
int tls_sk_msg_memcopy_from_iter(__u64* ctx) {
  HOLD_CPU;
  if ((int)ctx[4] >= 0) count_sum(ZC_P_tls_sk_msg_memcopy_from_iter, FROM_ITER, (__u32)ctx[3], (void*)ctx[1]);
  return take_stack(ctx);
}

/* A whole record of the program's own pages, which the cipher reads where they are. */
SEC("fexit/sk_msg_zerocopy_from_iter")
int tls_sk_msg_zerocopy_from_iter(__u64* ctx) {
  HOLD_CPU;
  struct call* call = current_call();
  if ((int)ctx[4] == 0)
    count_reference(ZC_P_tls_sk_msg_zerocopy_from_iter, call ? call->user : ZC_USER_BUFFER, ZC_SOCKET_BUFFER,
                    (__u32)ctx[3]);
  return 0;
}

/* Pages that sendfile and splice put into a record (since 6.5). */
SEC("fexit/sock_sendmsg")
int tls_sock_sendmsg(__u64* ctx) {
  HOLD_CPU;
  struct msghdr* message = (void*)ctx[1];
  if (sends_tls(current_call()) && BPF_CORE_READ(message, msg_flags) & MSG_SPLICE_PAGES)
    count_reference(ZC_P_tls_sock_sendmsg, ZC_FILE, ZC_SOCKET_BUFFER, (int)ctx[2]);
  return 0;
}

/* The same before. */
SEC("fexit/kernel_sendpage")
int tls_kernel_sendpage(__u64* ctx) {
  HOLD_CPU;
  if (sends_tls(current_call())) count_reference(ZC_P_tls_kernel_sendpage, ZC_FILE, ZC_SOCKET_BUFFER, (int)ctx[5]);
  return 0;
}

/* The call that the cipher works for, unless it is called by another cipher. */
static __always_inline struct call* enter_cipher(__u32 probe, bool encrypts) {
  count_hit(probe);
  struct call* call = current_call();
  if (!call || !call->tls || call->tls_sends != encrypts || in_softirq()) return 0;
  return call->cipher_depth++ == 0 && active_target() ? call : 0;
}

static __always_inline void leave_cipher(__u32 probe, bool encrypts) {
  count_hit(probe);
  struct call* call = current_call();
  if (!call || !call->tls || call->tls_sends != encrypts || in_softirq()) return;
  if (call->cipher_depth) call->cipher_depth--;
}

SEC("fentry/crypto_aead_encrypt")
int tls_encrypt(__u64* ctx) {
  HOLD_CPU;
  struct aead_request* request = (void*)ctx[0];
  struct call* call = enter_cipher(ZC_P_tls_encrypt, true);
  struct zc_target* target = current_target();
  if (!call || !target) return 0;
  struct crypto_tfm* transform = BPF_CORE_READ(request, base.tfm);
  struct crypto_alg* algorithm = BPF_CORE_READ(transform, __crt_alg);
  if (!is_by_cpu(algorithm)) return 0;
  call->cost.cipher |= cipher_of(algorithm);
  struct zc_edge edge = {.role = target->role,
                         .from = ZC_SOCKET_BUFFER,
                         .to = ZC_SOCKET_BUFFER,
                         .by = ZC_TRANSFORM,
                         .cipher = cipher_of(algorithm),
                         .probe = ZC_P_tls_encrypt,
                         .mechanism = ZC_EVENT,
                         .context = ZC_SYSCALL};
  account_move(&edge, call, BPF_CORE_READ(request, cryptlen));
  return 0;
}

SEC("fexit/crypto_aead_encrypt")
int tls_encrypted(__u64* ctx) {
  HOLD_CPU;
  leave_cipher(ZC_P_tls_encrypted, true);
  return 0;
}

SEC("fentry/crypto_aead_decrypt")
int tls_decrypt(__u64* ctx) {
  HOLD_CPU;
  struct aead_request* request = (void*)ctx[0];
  struct call* call = enter_cipher(ZC_P_tls_decrypt, false);
  if (!call) return 0;
  struct crypto_tfm* transform = BPF_CORE_READ(request, base.tfm);
  struct crypto_alg* algorithm = BPF_CORE_READ(transform, __crt_alg);
  if (!is_by_cpu(algorithm)) return 0;
  struct crypto_aead* cipher = (void*)transform - bpf_core_field_offset(struct crypto_aead, base);
  __u32 bytes = BPF_CORE_READ(request, cryptlen), tag = BPF_CORE_READ(cipher, authsize);
  if (bytes <= tag) return 0;
  call->cost.cipher |= cipher_of(algorithm);
  call->deciphered += bytes - tag;
  return 0;
}

SEC("fexit/crypto_aead_decrypt")
int tls_decrypted(__u64* ctx) {
  HOLD_CPU;
  leave_cipher(ZC_P_tls_decrypted, false);
  return 0;
}
