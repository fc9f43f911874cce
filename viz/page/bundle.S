/* The built page, byte for byte. ZCTRACE_PAGE is its path. */
  .section .rodata
  .globl zctrace_page_begin, zctrace_page_end
  .type zctrace_page_begin, %object
  .type zctrace_page_end, %object
zctrace_page_begin:
  .incbin ZCTRACE_PAGE
zctrace_page_end:
  .section .note.GNU-stack, "", %progbits
