// The guest's first process, in three parts: setup.c makes the machine usable, serve.c runs the one command, init.c
// holds the two together. Plain C, linked statically: the initramfs holds nothing else.
#pragma once

struct ports {
  int control;  // requests come in, "boot", "error" and "exit" lines go out
  int out;      // the command's standard output
  int err;      // and its standard error
};

// Says on the control port, or on the console while there is none, why the guest cannot go on, and powers off.
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char* format, ...);

// Writes all of a line.
void say(int fd, const char* line);

// Loads the modules of the initramfs and opens the three ports by name.
void start_devices(struct ports* ports);

// Makes the host's root, with a writable layer of memory on top, the root of this process and all that come after it.
void enter_root(void);

// Reads the request, runs it to its end and returns what to report: "exit STATUS OUT_BYTES ERR_BYTES\n".
const char* serve(const struct ports* ports);
