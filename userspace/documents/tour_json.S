/* The tour's steps, byte for byte. ZCTRACE_TOUR is their path. */
  .section .rodata
  .globl zctrace_tour_begin, zctrace_tour_end
  .type zctrace_tour_begin, %object
  .type zctrace_tour_end, %object
zctrace_tour_begin:
  .incbin ZCTRACE_TOUR
zctrace_tour_end:
  .section .note.GNU-stack, "", %progbits
