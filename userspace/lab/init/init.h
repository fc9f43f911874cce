// The guest's first process, in six parts: setup.c makes the machine usable, park.c waits where its state can be kept,
// request.c reads what is to be run, serve.c runs it, streams.c joins its streams to the ports, init.c holds them
// together. Plain C, linked statically: the initramfs holds nothing else.
#pragma once

#include <pthread.h>

struct ports {
  int control;  // requests come in, "boot", "error" and "exit" lines go out
  int out;      // the command's standard output
  int err;      // and its standard error
  int in;       // its standard input, in pieces: four bytes of length, then so many; a length of 0 is the end
  int data;     // what is written to DATA_PLACE
};

// Says on the control port, or on the console while there is none, why the guest cannot go on, and powers off.
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char* format, ...);

// Writes all of a line.
void say(int fd, const char* line);

// A pipe for what a program of ours has to tell the host beside its standard streams.
#define DATA_PLACE "/run/zctrace/data"

// One of the command's streams. The command gets a pipe, not the port itself: a port opens once only, and programs do
// open /dev/stdout.
struct stream {
  int pipe[2];
  int port;
  unsigned long long bytes;  // passed to the host
  pthread_t thread;
};

// From the command to the host, until the last writer is gone and nothing is left. _at: by a named pipe.
void start_stream(struct stream* stream, int port);
void start_stream_at(struct stream* stream, int port, const char* place);

// From the host to the command. Nobody waits for its end: it may never be read.
void start_input(struct stream* stream, int port);

// A command to run.
struct request {
  char** command;
  char* folder;
  char** environment;
};

// Cuts the fields of a request, which are so many bytes, as request.h of the lab says: what is in `request` then points
// into them. Returns what is wrong with them, or null.
const char* parse_request(char* fields, unsigned long bytes, struct request* request);

// Reads one from the control port.
struct request read_request(int control);

// Becomes the command of a request, with these descriptors as its standard streams.
__attribute__((noreturn)) void become(const struct request* request, int in, int out, int err);

// Reads so many bytes; 0 where they end before.
int read_exactly(int fd, char* to, size_t bytes);

// Loads the modules of the initramfs and opens the ports by name.
void start_devices(struct ports* ports);

// Says "parked" and waits for the host's word to go on, before which the host may have something prepared. In between it
// may save the machine's state, to start others from it: what differs from one guest to the next comes with that word
// (the time of day, random bytes).
void park(int control);

// Reads a request and runs it to its end with the host's root as its root, read-only, and BPF_PLACE's file system and /run,
// which stay. Nothing of the host's root is left mounted. Whether it succeeded is not asked: what it was to prepare is missing
// then.
void prepare(int control);

// bpffs, before there is a root.
#define BPF_PLACE "/bpf"

// Makes the host's root, with a writable layer of memory on top, the root of this process and all that come after it.
void enter_root(void);

// Reads the request, runs it to its end and returns what to report: "exit STATUS OUT_BYTES ERR_BYTES DATA_BYTES\n".
const char* serve(const struct ports* ports);
