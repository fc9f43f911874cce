#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/language/texts.h"
#include "model/timeline/model.h"

/// The document's words as a person reads them, in any language.
namespace zctrace::summary {

Text text_of(timeline::End end);
Text text_of(timeline::Side side);
Text text_of(timeline::Mover mover);
Text text_of(timeline::Context context);
Text text_of(timeline::Evidence evidence);
Text text_of(timeline::EventKind kind);
Text text_of(timeline::FlowEndKind kind);

/// "AES-GCM", "AES-GCM, ChaCha20-Poly1305": names are not translated.
std::string ciphers_text(std::vector<timeline::Cipher> ciphers, Language language);

/// "Linux 6.12.1 in the lab, swiotlb=force"; empty where the kernel is not known.
std::string kernel_text(const timeline::Kernel& kernel, Language language);

/// The function that copied, or what is said where only its call was seen.
std::string function_text(const std::string& function, Language language);

template <class Enum>
std::string_view word(Enum value, Language language) {
  return words(text_of(value), language);
}

}  // namespace zctrace::summary
