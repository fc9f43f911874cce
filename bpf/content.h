/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a program's memory looks like where a call writes it or has read into it: the heads of TLS records, whose
 * contents are encrypted, and of compressed streams. Evidence of what the program does to bytes between its calls. */
#pragma once

#define LOOKED_AT 4 /* segments of one call whose first bytes are read */

/* struct TLSCiphertext of RFC 8446: application data, and how long the rest is. */
#define TLS_HEAD 5
#define TLS_APPLICATION_DATA 23
#define TLS_LONGEST (16384 + 256)

static __always_inline __u32 bytes_of_record(const __u8* head) {
  __u32 length = head[3] << 8 | head[4];
  bool is_head = head[0] == TLS_APPLICATION_DATA && head[1] == 3 && head[2] == 3 && length && length <= TLS_LONGEST;
  return is_head ? TLS_HEAD + length : 0;
}

static __always_inline bool is_compressed(const __u8* head) {
  bool gzip = head[0] == 0x1f && head[1] == 0x8b && head[2] == 8;
  return gzip || (head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd); /* zstd */
}

/* Not inlined: the verifier then checks it once. Of what is read the heads of records are looked for alone. */
__noinline int look_at_content(__u32 sends) {
  struct call* call = current_call();
  if (!call) return 0;
  for (__u32 i = 0; i < LOOKED_AT; i++) {
    __u8 head[8] = {};
    if (i >= call->segment_count || (i && !sends)) break;
    if (call->segments[i].bytes < TLS_HEAD) continue;
    if (bpf_probe_read_user(head, TLS_HEAD, (void*)call->segments[i].address)) continue;
    if (!i) call->cost.tls_bytes = bytes_of_record(head);
    if (sends && is_compressed(head)) call->why |= ZC_IS_COMPRESSED;
  }
  return 0;
}
