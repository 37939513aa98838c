// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "bertune/error.h"

namespace bertune {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 64;
constexpr size_t kMaxBytes = size_t{64} << 20;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(ErrorKind::kInput, where + ": " + what,
              "it may be truncated or damaged; fetch or write it again");
}

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }
bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The levels of objects and lists in each other. It scans the text, because a callback of the
// parser would take time quadratic in the number of objects in a list.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string) {
      i += c == '\\';
      continue;
    }
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

}  // namespace

json parse_json(std::string_view text, const std::string& where) {
  if (text.size() > kMaxBytes)
    refuse(where,
           fmt::format("{} bytes exceed the limit of a JSON document (64 MiB)", text.size()));
  if (depth_of(text) > kMaxDepth)
    refuse(where, fmt::format("nested deeper than {} levels", kMaxDepth));
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    refuse(where, fmt::format("not valid JSON at byte {}", error.byte));
  } catch (const json::out_of_range&) {
    refuse(where, "a number is too large");
  }
}

std::string excerpt(std::string_view text) {
  constexpr size_t kShown = 60;
  size_t end = std::min(text.size(), kShown);
  while (end > 0 && end < text.size() && is_continuation(text[end])) --end;
  std::string shown(text.substr(0, end));
  std::replace_if(shown.begin(), shown.end(), is_control, ' ');
  return end < text.size() ? shown + "..." : shown;
}

std::string excerpt_list(std::span<const std::string> texts) {
  constexpr size_t kShown = 20;
  std::string list;
  for (const std::string& text : texts.first(std::min(texts.size(), kShown)))
    list += (list.empty() ? "" : ", ") + excerpt(text);
  return texts.size() > kShown ? list + ", ..." : list;
}

}  // namespace bertune
