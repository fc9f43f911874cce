#pragma once

#include "base/io.h"
#include "workloads/run/registry.h"

/// The two halves of a splice transfer, which the methods with a pipe share.
namespace zctrace::workloads {

bool is_pipe(int fd);

/// Moves the next chunk of the file, which stands at `done`, or as much as fits, into the pipe of which this is the
/// end for writing; returns the bytes.
uint64_t file_to_pipe(const Job& job, uint64_t done, int pipe);

/// Moves `bytes` from the pipe to the sink, however little each call takes. `last`: no more follow, send at once.
void pipe_to_sink(const Pipe& pipe, int sink, uint64_t bytes, bool last);

}  // namespace zctrace::workloads
