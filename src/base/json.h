// SPDX-License-Identifier: Apache-2.0
// Small JSON files and lines that strangers wrote: parsed, or refused with the place.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

// The document that `text` is. Throws Error{kInput} that begins with `where` for what is no JSON,
// is nested deeper than 64 (to write or to compare it would exhaust the stack), holds a number
// beyond a double's range, or has more than 64 MiB, of which a parsed document takes many times.
nlohmann::json parse_json(std::string_view text, const std::string& where);

// The first 60 bytes or so of foreign text for a message, without control characters; "..." stands
// for the rest.
std::string excerpt(std::string_view text);

// The excerpts of the first 20 of many, after commas.
std::string excerpt_list(std::span<const std::string> texts);

}  // namespace bertune
