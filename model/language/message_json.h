#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "model/language/message.h"

namespace zctrace {

/// {"id": "note_hook_silent", "args": ["filemap_read"], "text": "The hook on ..."}; an argument is a string or, where
/// it is a message itself, such an object. `text` is the English, for readers that do not know the table.
nlohmann::ordered_json message_to_json(const Message& message);

/// Nothing where it is no message. Of an `id` that this program does not know the `text` is kept as it stands.
std::optional<Message> message_from_json(const nlohmann::json& json);

}  // namespace zctrace
