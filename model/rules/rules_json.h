#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "model/rules/paragraph.h"

/// Rules as claims.json and tour.json have them. All throw what a reader of the file must see: std::invalid_argument,
/// or the JSON library's own.
namespace zctrace::rules {

/// {"en": text, "zh": text}; a text may be given as lines, for the sake of its diffs.
Words words_of(const nlohmann::ordered_json& json);

/// {"value": NAME, "minus": NAME, RELATION: RIGHT}, e.g. {"value": "copies", "more": "{before}"}: right a number, two
/// of them, another value in braces, an id or a list of ids, or true and false. `left`: where the value's name is not
/// in it; `others`: what may also be in the object.
Condition condition_of(const nlohmann::ordered_json& json, std::string_view left = {},
                       std::initializer_list<std::string_view> others = {});

/// [{"when": [condition], "en": text, "zh": text}, ...]; or one of them alone.
Paragraph paragraph_of(const nlohmann::ordered_json& json);

}  // namespace zctrace::rules
