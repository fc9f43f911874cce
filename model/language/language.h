#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace zctrace {

/// The languages that everything a person reads comes in.
enum class Language : uint8_t { english, chinese };

inline constexpr Language kLanguages[] = {Language::english, Language::chinese};

/// "en", "zh": BCP 47, as --lang and HTML's lang have it.
std::string_view code(Language language);

/// The language that a code or a locale's name asks for ("zh", "zh_CN.UTF-8"); nothing where we have no such language.
std::optional<Language> language_named(std::string_view name);

/// What --lang chose, else what LC_ALL, LC_MESSAGES or LANG ask for (the first that is set), else English.
Language chosen_language();
void choose_language(Language language);

/// What --lang chose; nothing where it was not given.
std::optional<Language> asked_language();

}  // namespace zctrace
