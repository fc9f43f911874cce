#include "workloads/methods/uring.h"

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace zctrace::workloads {
namespace {

constexpr const char* kOtherKernel = "choose another kernel: --kernel 6.12";

Missing refusal(int error) {
  if (error == ENOSYS) return {"this kernel has no io_uring", kOtherKernel};
  if (error == EPERM)
    return {"this kernel permits this user no io_uring", "sysctl kernel.io_uring_disabled; in the lab: --kernel 6.12"};
  return {system_error("setting up io_uring", error).what(), "ulimit -l"};
}

}  // namespace

std::optional<Missing> missing_uring(std::initializer_list<int> operations) {
  io_uring ring{};
  if (const int error = io_uring_queue_init(1, &ring, 0)) return refusal(-error);
  const std::unique_ptr<io_uring, void (*)(io_uring*)> close(&ring, io_uring_queue_exit);
  const std::unique_ptr<io_uring_probe, void (*)(io_uring_probe*)> probe(io_uring_get_probe_ring(&ring),
                                                                         io_uring_free_probe);
  for (const int operation : operations)
    if (!probe || !io_uring_opcode_supported(probe.get(), operation))
      return Missing{"this kernel's io_uring lacks the operation", kOtherKernel};
  return {};
}

Ring::Ring(unsigned entries) {
  if (const int error = io_uring_queue_init(entries, &ring_, 0)) {
    const Missing missing = refusal(-error);
    throw Error(ExitStatus::failed, missing.why, missing.hint);
  }
}

void Ring::register_pieces(void* memory, size_t bytes, unsigned count) {
  std::vector<iovec> pieces;
  for (unsigned i = 0; i < count; i++) pieces.push_back({static_cast<char*>(memory) + i * bytes, bytes});
  const int error = io_uring_register_buffers(&ring_, pieces.data(), count);
  if (error) throw system_error("registering buffers with io_uring", -error);
}

io_uring_sqe& Ring::add(uint64_t tag) {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  if (!entry) throw Error(ExitStatus::failed, "the io_uring is full");
  *entry = {};
  entry->user_data = tag;
  return *entry;
}

void Ring::submit_and_wait(unsigned results) {
  const int submitted = uninterrupted([&] {
    const int done = io_uring_submit_and_wait(&ring_, results);
    if (done < 0) errno = -done;
    return done;
  });
  if (submitted < 0) throw system_error("submitting to io_uring");
}

std::optional<Ring::Result> Ring::take() {
  io_uring_cqe* entry = nullptr;
  if (io_uring_peek_cqe(&ring_, &entry) != 0 || !entry) return {};
  const Result result{entry->user_data, entry->res, entry->flags};
  io_uring_cqe_seen(&ring_, entry);
  return result;
}

Ring::Result Ring::wait() {
  for (;;) {
    if (const auto result = take()) return *result;
    submit_and_wait(1);
  }
}

uint64_t moved_by(const Ring::Result& result, const char* doing) {
  if (result.value == -ECANCELED) return 0;
  if (result.value < 0) throw system_error(doing, -result.value);
  return static_cast<uint64_t>(result.value);
}

}  // namespace zctrace::workloads
