#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/language/text.h"

namespace zctrace {

/// What was found out at one place and is told at another, in the reader's language: a row of the table and what is
/// filled in, which may be messages themselves. Words that are in no table (a file's name, a number, what the system
/// said) are a message too: Text::verbatim.
class Message {
 public:
  Message() = default;
  // Implicit: names and numbers are given as they are.
  Message(std::string words) : words_(std::move(words)) {}
  Message(std::string_view words) : words_(words) {}
  Message(const char* words) : words_(words) {}
  Message(std::unsigned_integral auto number) : words_(std::to_string(number)) {}

  /// `arguments` must be as many as the row has {}. Throws std::logic_error.
  static Message of_chosen(Text id, std::vector<Message> arguments);

  Text id() const { return id_; }
  const std::vector<Message>& arguments() const { return arguments_; }
  /// Of a verbatim one.
  const std::string& verbatim() const { return words_; }
  bool empty() const { return id_ == Text::verbatim && words_.empty(); }

  std::string in(Language language) const;

  bool operator==(const Message&) const = default;

 private:
  Text id_ = Text::verbatim;
  std::string words_;
  std::vector<Message> arguments_;
};

/// The row with its arguments; the compiler checks their number.
template <class... Arguments>
Message message(TextWith<sizeof...(Arguments)> text, const Arguments&... arguments) {
  return Message::of_chosen(text.text, {Message(arguments)...});
}

/// What the system says of an errno value, in the table's words where it has them.
Message message_of_errno(int error);

}  // namespace zctrace
