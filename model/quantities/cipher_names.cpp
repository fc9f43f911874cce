#include "model/quantities/cipher_names.h"

#include <algorithm>

#include "model/language/texts.h"

namespace zctrace::quantities {

using timeline::Cipher;

std::string ciphers_text(std::vector<Cipher> ciphers, Language language) {
  std::ranges::sort(ciphers);
  const auto same = std::ranges::unique(ciphers);
  ciphers.erase(same.begin(), same.end());
  std::string joined;
  for (const Cipher cipher : ciphers) {
    if (!joined.empty()) joined += words(Text::comma, language);
    joined += cipher == Cipher::aes_gcm             ? "AES-GCM"
              : cipher == Cipher::aes_ccm           ? "AES-CCM"
              : cipher == Cipher::aes_xts           ? "AES-XTS"
              : cipher == Cipher::chacha20_poly1305 ? "ChaCha20-Poly1305"
                                                    : words(Text::a_cipher, language);
  }
  return joined;
}

}  // namespace zctrace::quantities
