#include <algorithm>

#include "base/io.h"
#include "workloads/net/tls_record.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

/// Each round reads a chunk, and makes records of it in a second buffer, which one call writes.
class OpensslWrite : public Prepared {
 public:
  explicit OpensslWrite(const Job& job)
      : job_(job),
        chunk_(std::min(job.chunk, job.size)),
        plain_(make_buffer(chunk_)),
        sealed_(make_buffer(chunk_ + records(chunk_) * (kRecordHead + kRecordTail))) {
    // The library's first use of a cipher raises page faults, which are not the method's.
    const uint8_t any = 0;
    RecordSealer().seal({&any, 1}, sealed());
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(chunk_, job_.size - done);
      const ssize_t got = uninterrupted([&] { return read(job_.source, plain_.get(), wanted); });
      if (got < 0) throw system_error("reading the source");
      if (got == 0) throw source_shrank(done, job_.size);
      send_all(job_.sinks[0], sealed(), seal(static_cast<size_t>(got)));
      done += static_cast<uint64_t>(got);
    }
  }

 private:
  static uint64_t records(uint64_t bytes) { return (bytes + kRecordPayload - 1) / kRecordPayload; }
  uint8_t* sealed() { return reinterpret_cast<uint8_t*>(sealed_.get()); }

  size_t seal(size_t bytes) {
    const auto* plain = reinterpret_cast<const uint8_t*>(plain_.get());
    size_t made = 0;
    for (size_t done = 0; done < bytes; done += kRecordPayload)
      made += sealer_.seal({plain + done, std::min(kRecordPayload, bytes - done)}, sealed() + made);
    return made;
  }

  Job job_;
  uint64_t chunk_;
  Buffer plain_, sealed_;
  RecordSealer sealer_;
};

const Registration openssl_write_registration({
    .name = "openssl_write",
    .summary = "read into a buffer, encrypt it in user space, write the TLS records to the socket",
    .calls = "read, write",
    .order = 85,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<OpensslWrite>(job); },
    .paths = to_network,
    .seal = Seal::by_program,
    .own_passes = true,
});

}  // namespace
}  // namespace zctrace::workloads
