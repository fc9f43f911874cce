/* claims.json, byte for byte. ZCTRACE_CLAIMS is its path. */
  .section .rodata
  .globl zctrace_claims_begin, zctrace_claims_end
  .type zctrace_claims_begin, %object
  .type zctrace_claims_end, %object
zctrace_claims_begin:
  .incbin ZCTRACE_CLAIMS
zctrace_claims_end:
  .section .note.GNU-stack, "", %progbits
