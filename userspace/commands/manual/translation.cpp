#include "userspace/commands/manual/translation.h"

#include <map>
#include <string_view>

namespace zctrace::commands {

std::string help_in(Language language, const std::string& english) {
  if (language == Language::english) return english;
#define ZC_HELP(in_english, in_chinese) {in_english, in_chinese},
  static const std::map<std::string_view, std::string_view> chinese{
#include "userspace/commands/manual/help_zh.def"
  };
#undef ZC_HELP
  const auto found = chinese.find(english);
  return found == chinese.end() ? english : std::string(found->second);
}

}  // namespace zctrace::commands
