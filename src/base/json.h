// SPDX-License-Identifier: Apache-2.0
// Small JSON files and lines from untrusted sources: parsed, or refused with the place of the
// fault. Relies on nlohmann-json; large data files have their own readers in datasets/.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

// Parses `text`. Throws Error{kInput} whose message begins with `where` if `text` is not JSON, is
// nested deeper than 64 levels (writing or comparing it would exhaust the stack), has a number
// outside a double's range, or has more than 64 MiB (a parsed document takes many times the memory
// of its text).
nlohmann::json parse_json(std::string_view text, const std::string& where);

// The first 60 bytes, about, of foreign text for a message. Control characters become spaces, and
// "..." marks omitted text.
std::string excerpt(std::string_view text);

// The excerpts of the first 20 texts, separated by commas; "..." marks omitted ones.
std::string excerpt_list(std::span<const std::string> texts);

}  // namespace bertune
