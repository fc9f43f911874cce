#include "model/language/message.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace zctrace {

Message Message::of_chosen(Text id, std::vector<Message> arguments) {
  if (arguments.size() != arguments_of(id)) throw std::logic_error(std::string(name(id)) + ": arguments");
  if (id == Text::verbatim) return std::move(arguments.front());
  Message message;
  message.id_ = id;
  message.arguments_ = std::move(arguments);
  return message;
}

std::string Message::in(Language language) const {
  if (id_ == Text::verbatim) return words_;
  constexpr std::string_view kHole = "{}";
  std::string text;
  std::string_view rest = words(id_, language);
  for (const Message& argument : arguments_) {
    const size_t hole = rest.find(kHole);
    text += rest.substr(0, hole);
    text += argument.in(language);
    rest.remove_prefix(hole + kHole.size());
  }
  return text += rest;
}

Message message_of_errno(int error) {
  switch (error) {
    case EPERM:
      return message(Text::reason_not_permitted);
    case EACCES:
      return message(Text::reason_denied);
    case EINVAL:
      return message(Text::reason_invalid);
    case EOPNOTSUPP:
      return message(Text::reason_not_supported);
    default:
      return std::strerror(error);
  }
}

}  // namespace zctrace
