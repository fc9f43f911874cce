#include "model/language/message_json.h"

#include <nlohmann/json.hpp>

namespace zctrace {
namespace {

std::optional<Message> argument_from_json(const nlohmann::json& json) {
  if (json.is_string()) return Message(json.get<std::string>());
  return message_from_json(json);
}

}  // namespace

nlohmann::ordered_json message_to_json(const Message& message) {
  auto args = nlohmann::ordered_json::array();
  if (message.id() == Text::verbatim) args.push_back(message.verbatim());
  for (const Message& argument : message.arguments())
    if (argument.id() == Text::verbatim)
      args.push_back(argument.verbatim());
    else
      args.push_back(message_to_json(argument));
  return {{"id", name(message.id())}, {"args", std::move(args)}, {"text", message.in(Language::english)}};
}

std::optional<Message> message_from_json(const nlohmann::json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto id = json.find("id"), args = json.find("args"), text = json.find("text");
  if (id == json.end() || !id->is_string() || args == json.end() || !args->is_array() || text == json.end() ||
      !text->is_string())
    return std::nullopt;
  std::vector<Message> arguments;
  for (const auto& each : *args) {
    auto argument = argument_from_json(each);
    if (!argument) return std::nullopt;
    arguments.push_back(std::move(*argument));
  }
  const auto row = text_named(id->get_ref<const std::string&>());
  if (!row) return Message(text->get<std::string>());
  if (arguments.size() != arguments_of(*row)) return std::nullopt;
  return Message::of_chosen(*row, std::move(arguments));
}

}  // namespace zctrace
