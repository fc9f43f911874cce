#include "workloads/net/tls_record.h"

#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "base/io.h"
#include "workloads/net/tcp.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif

namespace zctrace::workloads {
namespace {

constexpr std::array<uint8_t, 16> kKey{'z', 'c', 't', 'r', 'a', 'c', 'e', ' ', 't', 'e', 's', 't', ' ', 'k', 'e', 'y'};
/// Kernel TLS takes its first four bytes as salt and the others as iv.
constexpr std::array<uint8_t, 12> kNonce{'z', 'c', 't', 'r', 'n', 'o', 'n', 'c', 'e', '1', '2', '8'};
constexpr size_t kTag = 16;
constexpr uint8_t kApplicationData = 23;

Error cipher_error() { return Error(ExitStatus::failed, "the cipher of OpenSSL fails"); }

std::array<uint8_t, kRecordHead> head_of(size_t body) {
  return {kApplicationData, 3, 3, static_cast<uint8_t>(body >> 8), static_cast<uint8_t>(body)};
}

int ask_for_tls(int socket) { return setsockopt(socket, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")); }

int set_keys(int socket) {
  tls12_crypto_info_aes_gcm_128 keys{};
  keys.info = {TLS_1_3_VERSION, TLS_CIPHER_AES_GCM_128};
  std::memcpy(keys.key, kKey.data(), sizeof(keys.key));
  std::memcpy(keys.salt, kNonce.data(), sizeof(keys.salt));
  std::memcpy(keys.iv, kNonce.data() + sizeof(keys.salt), sizeof(keys.iv));
  return setsockopt(socket, SOL_TLS, TLS_TX, &keys, sizeof(keys));
}

}  // namespace

void start_kernel_tls(int socket) {
  if (ask_for_tls(socket) < 0) throw system_error("asking for kernel TLS");
  if (set_keys(socket) < 0) throw system_error("giving kernel TLS its keys");
}

std::string no_kernel_tls() {
  const SocketPair pair = tcp_pair();
  if (ask_for_tls(pair.one.get()) < 0)
    return errno == ENOENT ? "the kernel's module tls is not loaded, or was not built" : system_error("the kernel refuses TLS").what();
  if (set_keys(pair.one.get()) < 0) return system_error("the kernel refuses TLS 1.3 with AES-128-GCM").what();
  return {};
}

void FreeCipher::operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }

RecordCipher::RecordCipher(bool seals) : context_(EVP_CIPHER_CTX_new()) {
  if (!context_ ||
      EVP_CipherInit_ex(context(), EVP_aes_128_gcm(), nullptr, kKey.data(), kNonce.data(), seals ? 1 : 0) != 1)
    throw cipher_error();
}

void RecordCipher::begin(std::span<const uint8_t> head) {
  auto nonce = kNonce;
  for (size_t i = 0; i < sizeof(number_); ++i) nonce[nonce.size() - 1 - i] ^= static_cast<uint8_t>(number_ >> (8 * i));
  ++number_;
  int bytes = 0;
  if (EVP_CipherInit_ex(context(), nullptr, nullptr, nullptr, nonce.data(), -1) != 1 ||
      EVP_CipherUpdate(context(), nullptr, &bytes, head.data(), static_cast<int>(head.size())) != 1)
    throw cipher_error();
}

size_t RecordSealer::seal(std::span<const uint8_t> payload, uint8_t* record) {
  const auto head = head_of(payload.size() + kRecordTail);
  std::ranges::copy(head, record);
  begin(head);
  uint8_t* body = record + kRecordHead;
  int first = 0, second = 0, rest = 0;
  if (EVP_EncryptUpdate(context(), body, &first, payload.data(), static_cast<int>(payload.size())) != 1 ||
      EVP_EncryptUpdate(context(), body + first, &second, &kApplicationData, 1) != 1 ||
      EVP_EncryptFinal_ex(context(), body + first + second, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context(), EVP_CTRL_AEAD_GET_TAG, kTag, body + first + second) != 1)
    throw cipher_error();
  return kRecordHead + payload.size() + kRecordTail;
}

std::span<const uint8_t> RecordOpener::open(std::span<const uint8_t> record) {
  const auto head = record.first(kRecordHead), tag = record.last(kTag);
  const auto sealed = record.subspan(kRecordHead, record.size() - kRecordHead - kTag);
  opened_.resize(sealed.size());
  begin(head);
  int bytes = 0, rest = 0;
  if (EVP_DecryptUpdate(context(), opened_.data(), &bytes, sealed.data(), static_cast<int>(sealed.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context(), EVP_CTRL_AEAD_SET_TAG, kTag, const_cast<uint8_t*>(tag.data())) != 1)
    throw cipher_error();
  if (EVP_DecryptFinal_ex(context(), opened_.data() + bytes, &rest) != 1)
    throw Error(ExitStatus::failed, "a TLS record was changed on its way");
  if (opened_.back() != kApplicationData)
    throw Error(ExitStatus::failed, "a TLS record is of type " + std::to_string(opened_.back()));
  return std::span<const uint8_t>(opened_).first(opened_.size() - 1);
}

void RecordOpener::add(std::span<const uint8_t> bytes, const std::function<void(std::span<const uint8_t>)>& take) {
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  std::span<const uint8_t> left = unread_;
  while (left.size() >= kRecordHead) {
    const size_t body = static_cast<size_t>(left[3]) << 8 | left[4];
    if (left[0] != kApplicationData || body <= kRecordTail || body > kRecordPayload + kRecordTail)
      throw Error(ExitStatus::failed, "what arrived is no TLS record");
    const size_t length = kRecordHead + body;
    if (left.size() < length) break;
    const auto payload = open(left.first(length));
    framing_ += length - payload.size();
    take(payload);
    left = left.subspan(length);
  }
  unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(left.size()));
}

}  // namespace zctrace::workloads
