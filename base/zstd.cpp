#include "base/zstd.h"

#include <zstd.h>

#include <new>
#include <utility>
#include <vector>

namespace zctrace {

bool begins_as_zstd(std::string_view bytes) { return bytes.starts_with("\x28\xb5\x2f\xfd"); }

struct ZstdReader::State {
  std::FILE* file;
  std::string input;
  ZSTD_inBuffer in{};
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context{ZSTD_createDCtx(), &ZSTD_freeDCtx};
  bool damaged = false;
  size_t wanted = 0;  ///< bytes more of a frame that has begun
  bool ended = false;
};

ZstdReader::ZstdReader(std::FILE* file, std::string begin) : state_(new State{file, std::move(begin)}) {
  if (!state_->context) throw std::bad_alloc();
  state_->in = {state_->input.data(), state_->input.size(), 0};
}

ZstdReader::~ZstdReader() = default;

bool ZstdReader::damaged() const { return state_->damaged; }
bool ZstdReader::cut_off() const { return state_->ended && state_->wanted != 0; }

size_t ZstdReader::read(char* to, size_t size) {
  auto& [file, input, in, context, damaged, wanted, ended] = *state_;
  ZSTD_outBuffer out{to, size, 0};
  while (out.pos < out.size && !damaged) {
    if (in.pos == in.size) {
      input.resize(ZSTD_DStreamInSize());
      in = {input.data(), std::fread(input.data(), 1, input.size(), file), 0};
    }
    ended = in.size == 0;
    const size_t before = out.pos, left = ZSTD_decompressStream(context.get(), &out, &in);
    damaged = ZSTD_isError(left) != 0;
    if (!ended) wanted = left;  // asked again at the end, it wants the next frame
    if (ended && out.pos == before) break;
  }
  return out.pos;
}

namespace {

struct Writer {
  std::FILE* sink;
  std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  std::vector<char> output = std::vector<char>(ZSTD_CStreamOutSize());

  bool put(ZSTD_inBuffer in, ZSTD_EndDirective how) {
    for (;;) {
      ZSTD_outBuffer out{output.data(), output.size(), 0};
      const size_t left = ZSTD_compressStream2(context.get(), &out, &in, how);
      if (ZSTD_isError(left) || std::fwrite(output.data(), 1, out.pos, sink) != out.pos) return false;
      if (how == ZSTD_e_end ? left == 0 : in.pos == in.size) return true;
    }
  }

  static ssize_t write(void* cookie, const char* bytes, size_t size) {
    return static_cast<Writer*>(cookie)->put({bytes, size, 0}, ZSTD_e_continue) ? static_cast<ssize_t>(size)
                                                                                : 0;  // glibc's word for failure here
  }
  static int close(void* cookie) {
    const std::unique_ptr<Writer> writer(static_cast<Writer*>(cookie));
    return writer->put({nullptr, 0, 0}, ZSTD_e_end) && std::fflush(writer->sink) == 0 ? 0 : EOF;
  }
};

}  // namespace

std::FILE* zstd_into(std::FILE* sink) {
  auto writer = std::make_unique<Writer>(Writer{sink});
  if (!writer->context) throw std::bad_alloc();
  std::FILE* stream = fopencookie(writer.get(), "w", {nullptr, &Writer::write, nullptr, &Writer::close});
  if (!stream) throw std::bad_alloc();
  std::setvbuf(stream, nullptr, _IOFBF, 64 * 1024);
  writer.release();
  return stream;
}

}  // namespace zctrace
