/* claims.json and tour.json, byte for byte. ZCTRACE_CLAIMS and ZCTRACE_TOUR are their paths. */
  .section .rodata
  .macro embed name, file
  .globl zctrace_\name\()_begin, zctrace_\name\()_end
  .type zctrace_\name\()_begin, %object
  .type zctrace_\name\()_end, %object
zctrace_\name\()_begin:
  .incbin "\file"
zctrace_\name\()_end:
  .endm
  embed claims, ZCTRACE_CLAIMS
  embed tour, ZCTRACE_TOUR
  .section .note.GNU-stack, "", %progbits
