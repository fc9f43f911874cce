#include "viz/page/packed.h"

#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>

#include "base/error.h"

namespace zctrace::page {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 of bytes that come in pieces.
class Base64 {
 public:
  explicit Base64(std::FILE* sink) : sink_(sink) {}

  void put(const unsigned char* bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      group_[held_++] = bytes[i];
      if (held_ == 3) put_group();
    }
  }

  bool finish() {
    if (held_ != 0) {
      const size_t digits = held_ + 1;
      while (held_ < 3) group_[held_++] = 0;
      put_group();
      for (size_t i = digits; i < 4; ++i) text_[used_ - 4 + i] = '=';
    }
    flush();
    return good_;
  }

  bool good() const { return good_; }

 private:
  void put_group() {
    if (used_ == text_.size()) flush();
    text_[used_++] = kDigits[group_[0] >> 2];
    text_[used_++] = kDigits[(group_[0] & 3) << 4 | group_[1] >> 4];
    text_[used_++] = kDigits[(group_[1] & 15) << 2 | group_[2] >> 6];
    text_[used_++] = kDigits[group_[2] & 63];
    held_ = 0;
  }
  void flush() {
    good_ = good_ && std::fwrite(text_.data(), 1, used_, sink_) == used_;
    used_ = 0;
  }

  std::FILE* sink_;
  std::array<unsigned char, 3> group_{};
  std::array<char, 64 * 1024> text_;
  size_t held_ = 0, used_ = 0;
  bool good_ = true;
};

}  // namespace

struct Packed::State {
  explicit State(std::FILE* sink) : base64(sink) {
    constexpr int kGzip = 16 + MAX_WBITS, kMemory = 9;
    if (deflateInit2(&zip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~State() {
    if (stream) std::fclose(stream);
    deflateEnd(&zip);
  }

  /// Takes what deflate has to give, until it has taken what it was given.
  bool deflate_all(int flush) {
    int status = Z_OK;
    do {
      zip.next_out = out.data();
      zip.avail_out = static_cast<uInt>(out.size());
      status = deflate(&zip, flush);
      if (status == Z_STREAM_ERROR) return false;
      base64.put(out.data(), out.size() - zip.avail_out);
    } while (flush == Z_FINISH ? status != Z_STREAM_END : zip.avail_out == 0);
    return base64.good();
  }

  /// What comes after the first mebibyte is packed less well: a million events take a second then.
  void hurry() {
    constexpr int kQuick = 2;
    zip.avail_in = 0;
    int status = Z_OK;
    do {
      zip.next_out = out.data();
      zip.avail_out = static_cast<uInt>(out.size());
      status = deflateParams(&zip, kQuick, Z_DEFAULT_STRATEGY);
      base64.put(out.data(), out.size() - zip.avail_out);
    } while (status == Z_BUF_ERROR);
  }

  static ssize_t write(void* cookie, const char* bytes, size_t count) {
    auto& state = *static_cast<State*>(cookie);
    constexpr size_t kMost = 1 << 30;  // zlib counts in 32 bits
    constexpr uint64_t kWell = 1 << 20;
    const size_t taken = std::min(count, kMost);
    if (state.bytes < kWell && state.bytes + taken >= kWell) state.hurry();
    state.zip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
    state.zip.avail_in = static_cast<uInt>(taken);
    state.bytes += taken;
    if (state.deflate_all(Z_NO_FLUSH)) return static_cast<ssize_t>(taken);
    state.error = errno;
    return 0;  // glibc's word for failure here
  }

  z_stream zip{};
  std::array<unsigned char, 64 * 1024> out;
  Base64 base64;
  std::FILE* stream = nullptr;
  uint64_t bytes = 0;
  int error = 0;
};

Packed::Packed(std::FILE* sink) : state_(std::make_unique<State>(sink)) {
  state_->stream = fopencookie(state_.get(), "w", {nullptr, &State::write, nullptr, nullptr});
  if (!state_->stream) throw std::bad_alloc();
  std::setvbuf(state_->stream, nullptr, _IOFBF, 64 * 1024);
}

Packed::~Packed() = default;

std::FILE* Packed::stream() { return state_->stream; }

uint64_t Packed::finish() {
  errno = 0;
  const bool flushed = std::fflush(state_->stream) == 0 && !std::ferror(state_->stream);
  if (!flushed || !state_->deflate_all(Z_FINISH) || !state_->base64.finish()) {
    const int error = state_->error != 0 ? state_->error : errno;
    throw Error(ExitStatus::failed, std::string("the page cannot be written: ") + std::strerror(error),
                error == ENOSPC ? "free some space, or choose another place with -o" : "");
  }
  return state_->bytes;
}

}  // namespace zctrace::page
