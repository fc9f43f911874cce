#include "workloads/run/sender.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "base/io.h"
#include "workloads/net/tcp.h"
#include "workloads/run/gate.h"
#include "workloads/run/java.h"
#include "workloads/run/throughput.h"

namespace zctrace::workloads {
namespace {

Fd open_source(const std::string& name) {
  Fd source(open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) throw system_error("opening " + name);
  return source;
}

uint64_t size_of(const Fd& source, const std::string& name, std::optional<uint64_t> wanted) {
  struct stat facts {};
  if (fstat(source.get(), &facts) < 0) throw system_error("asking about " + name);
  if (!S_ISREG(facts.st_mode)) throw Error(ExitStatus::failed, name + " is not a regular file");
  const uint64_t present = static_cast<uint64_t>(facts.st_size);
  const uint64_t size = wanted.value_or(present);
  if (size == 0) throw Error(ExitStatus::failed, name + " is empty, so there is nothing to transfer");
  if (size > present) {
    throw Error(ExitStatus::failed, fmt::format("{} has {} bytes, fewer than --size {}", name, present, size));
  }
  return size;
}

/// A file is overwritten from its start.
Fd open_sink(const std::string& name) {
  Fd sink(open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!sink) throw system_error("opening " + name);
  return sink;
}

/// Each note once.
void tell(Prepared& prepared) {
  for (const Note& note : prepared.notes) fmt::print(stderr, "note: {}\n", line_of(note));
  prepared.notes.clear();
}

bool is_pipe(const Fd& sink) {
  struct stat facts {};
  return fstat(sink.get(), &facts) == 0 && S_ISFIFO(facts.st_mode);
}

}  // namespace

void run_sender(const SenderOptions& options) {
  if (options.sinks.size() != options.method->sinks) {
    throw Error(ExitStatus::usage,
                fmt::format("{} needs {} sink(s), but {} were given", options.method->name, options.method->sinks,
                            options.sinks.size()),
                "give --to once per sink");
  }
  const Fd source = open_source(options.source);
  const uint64_t size = size_of(source, options.source, options.size);
  if (options.method->java) become_java(options, size);
  std::vector<Fd> opened;
  std::vector<int> sockets;
  Job job{source.get(), size, options.chunk, {}};
  for (const std::string& sink : options.sinks) {
    const bool is_path = sink.find('/') != sink.npos;
    opened.push_back(is_path ? open_sink(sink) : connect_to(sink));
    const char* kind = !is_path ? "network" : is_pipe(opened.back()) ? "pipe" : "file";
    if (const auto unfit = unfit_for(*options.method, kind))
      throw Error(ExitStatus::usage, fmt::format("{}: {}", options.method->name, unfit->why), unfit->hint);
    job.sinks.push_back(opened.back().get());
    if (!is_path) sockets.push_back(opened.back().get());
  }
  const std::unique_ptr<Prepared> prepared = options.method->prepare(job);
  tell(*prepared);
  // Page faults on our own code would be counted as the method's. If this user may not lock, they are.
  mlockall(MCL_CURRENT);

  send_letter(options.gate, kReady);
  const auto start = std::chrono::steady_clock::now();
  wait_at(options.gate);
  prepared->transfer();
  send_letter(options.gate, kTransferred);
  wait_until_acknowledged(sockets);
  send_letter(options.gate, kQueueEmpty);
  tell(*prepared);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  end_connections(sockets);
  if (options.stays) stay();
  if (options.gate < 0) fmt::print("{}\n", throughput_text(job.size, seconds.count()));
}

}  // namespace zctrace::workloads
