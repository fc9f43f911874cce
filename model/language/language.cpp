#include "model/language/language.h"

#include <cstdlib>

namespace zctrace {
namespace {

std::optional<Language> chosen;

Language language_of_environment() {
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(variable); value != nullptr && *value != '\0')
      return language_named(value).value_or(Language::english);
  return Language::english;
}

}  // namespace

std::string_view code(Language language) { return language == Language::chinese ? "zh" : "en"; }

std::optional<Language> language_named(std::string_view name) {
  const std::string_view base = name.substr(0, name.find_first_of("_-.@"));
  for (const Language language : kLanguages)
    if (base == code(language)) return language;
  return std::nullopt;
}

Language chosen_language() { return chosen ? *chosen : language_of_environment(); }

void choose_language(Language language) { chosen = language; }

std::optional<Language> asked_language() { return chosen; }

}  // namespace zctrace
