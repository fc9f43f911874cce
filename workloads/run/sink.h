#pragma once

#include <cstdint>
#include <string>

namespace zctrace::workloads {

struct SinkOptions {
  std::string address;          ///< to listen on, at a free port
  std::string from;             ///< or a pipe to read
  int report = -1;              ///< descriptor for the letters of gate.h; -1: alone, prints to standard output
  std::string method;           ///< that receives in its own way; empty: into a buffer
  uint64_t chunk = 256 * 1024;  ///< bytes per round
  std::string work_directory;   ///< for a file that the method receives into
  int counter = -1;             ///< descriptor of a shared memory of 8 bytes that holds the bytes received so far
  bool stays = false;           ///< hashes nothing, and stays at the end until killed: what it costs is being measured
  bool opens = false;           ///< what arrives are TLS records (net/tls_record.h): what they hold is received
};

/// Accepts one connection, or opens the pipe, and reads it to its end. Throws Error.
void run_sink(const SinkOptions& options);

}  // namespace zctrace::workloads
