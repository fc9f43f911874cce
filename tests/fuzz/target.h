#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"

/// FUZZ_TARGET(name) { ... input ... }: one reader of what others made, given bytes. tests/fuzz/run makes a program of it,
/// in which libFuzzer invents them; unit_tests reads tests/fuzz/corpus/name with it. Whatever is no zctrace::Error, from
/// a crash to another exception, is a fault.
namespace zctrace::fuzz {

using Target = void (*)(std::string_view input);

#ifdef ZCTRACE_FUZZ
#define FUZZ_TARGET(NAME)                                                   \
  static void fuzz_##NAME(std::string_view input);                          \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { \
    fuzz_##NAME({reinterpret_cast<const char*>(data), size});               \
    return 0;                                                               \
  }                                                                         \
  static void fuzz_##NAME(std::string_view input)
#else
/// Adds a target to those that unit_tests knows.
struct Registration {
  Registration(const char* name, Target target);
};
#define FUZZ_TARGET(NAME)                                                 \
  static void fuzz_##NAME(std::string_view input);                        \
  static const zctrace::fuzz::Registration NAME##_is_there(#NAME, fuzz_##NAME); \
  static void fuzz_##NAME(std::string_view input)
#endif

/// What is read may be refused.
template <class Read>
void may_refuse(const Read& read) {
  try {
    read();
  } catch (const Error&) {
  }
}

/// What must hold, also in a program without doctest.
inline void must(bool holds) {
  if (!holds) abort();
}

/// Bytes as a file, for what reads files.
class BytesAsFile {
 public:
  explicit BytesAsFile(std::string_view bytes) : fd_(memfd_create("fuzz", MFD_CLOEXEC)) {
    must(write(fd_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  Fd fd_;
};

}  // namespace zctrace::fuzz
