/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel's part of a task's stack, followed once. To follow it by its unwind tables (bpf_get_stack) is the dearest thing
 * that a hook does; a loop copies again and again with the same return addresses. Where each of them lay is kept, and while
 * all lie there still, the stack is the one that was followed: as far from the hook's context, and the outermost as far from
 * the stack's end, for between it and the others lies a gap that differs from call to call (randomize_kstack_offset, since
 * 5.13). Were the others looked for there too, a function more between them would not be noticed. */
#pragma once

#define BELOW 0xffff  /* the hook's context, where frames of its own lie: its program's and the trampoline's */
#define OWN_FRAMES 3  /* at most */
#define WORDS_TO_NR 6 /* from the stack's end up to struct pt_regs::orig_ax, the call's number, which tells stacks apart */

/* From the hook's context to the stack's end; how many words it read. */
__noinline int read_words(__u64 from, __u32 probe) {
  __u32 zero = 0;
  struct stack_words* stack = bpf_map_lookup_elem(&stack_words, &zero);
  if (!stack) return 0;
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  __u64 bytes = (__u64)BPF_CORE_READ(task, stack) + TASK_STACK_BYTES - from;
  stack->words = 0;
  stack->probe = probe;
  if (from & 7 || bytes > sizeof stack->word) return 0;
  if (bpf_probe_read_kernel(stack->word, bytes, (void*)from)) return 0;
  stack->words = bytes / sizeof stack->word[0];
  stack->nr = stack->word[(stack->words - WORDS_TO_NR) % STACK_WORDS];
  return stack->words;
}

static __always_inline struct followed_stack* place_of_stack(const struct stack_words* words) {
  __u32 slot = (words->nr + words->probe * STACK_WORDS) * 2654435761u >> 26; /* Knuth's, to six bits */
  return bpf_map_lookup_elem(&followed_stacks, &slot);
}

/* Is the stack whose words were read one that was followed? Then it is put into `new_stacks`. */
__noinline int recall_stack(__u32 slot) {
  if (!keep_stacks) return 0;
  __u32 zero = 0;
  struct stack_words* words = bpf_map_lookup_elem(&stack_words, &zero);
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!words || !stack) return 0;
  struct followed_stack* followed = place_of_stack(words);
  if (!followed || !followed->is_whole || followed->nr != words->nr || followed->probe != words->probe) return 0;
  __u32 longer = words->words - followed->words;
  for (__u32 i = 0; i < ZC_STACK_KERNEL; i++) {
    if (i >= followed->frames) break;
    __u32 word = followed->place[i];
    if (word == BELOW || words->word[word % STACK_WORDS] == followed->kernel[i]) continue;
    if (i + 1 < followed->frames || words->word[(word + longer) % STACK_WORDS] != followed->kernel[i]) return 0;
  }
  __builtin_memcpy(stack->kernel, followed->kernel, sizeof stack->kernel);
  stack->kernel_frames = followed->frames;
  return 1;
}

/* Looks for the return addresses of the stack that was followed just now, from the hook's context upwards: what lies in
 * between are variables, and of calls that have returned. Are all there? */
__noinline int find_return_addresses(void) {
  if (!keep_stacks) return 0;
  __u32 zero = 0;
  struct stack_words* words = bpf_map_lookup_elem(&stack_words, &zero);
  if (!words) return 0;
  struct followed_stack* followed = place_of_stack(words);
  if (!followed) return 0;
  /* In registers the verifier would follow each value that they may have. */
  volatile __u32 *next = &words->next, *end = &words->words;
  for (__u32 word = 0; word < STACK_WORDS; word++) {
    if (word >= *end) break;
    __u32 frame = *next;
    if (frame >= ZC_STACK_KERNEL - OWN_FRAMES) break;
    __u64 address = words->word[word];
    if (!frame && address != followed->kernel[0])
      for (__u32 own = 1; own <= OWN_FRAMES && !frame; own++)
        if (address == followed->kernel[own]) frame = own;
    if (address != followed->kernel[frame]) continue;
    followed->place[frame] = word;
    *next = frame + 1;
  }
  return *next >= followed->frames;
}

__noinline int remember_stack(__u32 slot) {
  if (!keep_stacks) return 0;
  __u32 zero = 0;
  struct stack_words* words = bpf_map_lookup_elem(&stack_words, &zero);
  struct zc_stack* stack = bpf_map_lookup_elem(&new_stacks, &slot);
  if (!words || !stack || !words->words || !stack->kernel_frames) return 0;
  struct followed_stack* followed = place_of_stack(words);
  if (!followed) return 0;
  followed->is_whole = 0;
  followed->owner = stack->thread;
  __builtin_memcpy(followed->kernel, stack->kernel, sizeof followed->kernel);
  __builtin_memset(followed->place, 0xff, sizeof followed->place);
  followed->frames = stack->kernel_frames;
  words->next = 0;
  followed->words = words->words;
  followed->probe = words->probe;
  followed->nr = words->nr;
  int found = find_return_addresses();
  followed->is_whole = found && followed->owner == stack->thread;
  return 0;
}
