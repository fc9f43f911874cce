#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// Records of TLS 1.3 with AES-128-GCM (RFC 8446, 5.2), as after a handshake, with keys that everybody may know: what
/// is sent are figures to be counted, no secret.
namespace zctrace::workloads {

inline constexpr size_t kRecordPayload = 16384;  ///< bytes, at most
inline constexpr size_t kRecordHead = 5;         ///< type, version, length
inline constexpr size_t kRecordTail = 17;        ///< the inner type, and the tag of AES-GCM

/// Has the kernel encrypt what is sent on the connected socket from now on. Throws Error.
void start_kernel_tls(int socket);
/// Why the running kernel cannot; empty if it can.
std::string no_kernel_tls();

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const;
};

/// One direction of a connection: a key, and the number of the next record.
class RecordCipher {
 public:
  explicit RecordCipher(bool seals);

 protected:
  /// Readies the cipher for the next record with that head.
  void begin(std::span<const uint8_t> head);
  EVP_CIPHER_CTX* context() const { return context_.get(); }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context_;
  uint64_t number_ = 0;
};

class RecordSealer : public RecordCipher {
 public:
  RecordSealer() : RecordCipher(true) {}
  /// Makes a record of 1 to kRecordPayload bytes; `record` has room for kRecordHead + kRecordTail more. Returns its
  /// length. Throws Error.
  size_t seal(std::span<const uint8_t> payload, uint8_t* record);
};

class RecordOpener : public RecordCipher {
 public:
  RecordOpener() : RecordCipher(false) {}
  /// Takes what arrived, in pieces of any length; gives what each whole record held to `take`. Throws Error where one
  /// is not as it was sealed.
  void add(std::span<const uint8_t> bytes, const std::function<void(std::span<const uint8_t>)>& take);
  uint64_t framing() const { return framing_; }  ///< bytes of the records that were opened, beside what they held
  bool is_between_records() const { return unread_.empty(); }

 private:
  std::span<const uint8_t> open(std::span<const uint8_t> record);

  std::vector<uint8_t> unread_, opened_;
  uint64_t framing_ = 0;
};

}  // namespace zctrace::workloads
