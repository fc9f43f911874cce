#pragma once

#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/flow.h"

namespace zctrace::quantities {

/// "AES-GCM", "AES-GCM, ChaCha20-Poly1305": names are not translated.
std::string ciphers_text(std::vector<timeline::Cipher> ciphers, Language language);

}  // namespace zctrace::quantities
