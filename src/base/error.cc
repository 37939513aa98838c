// SPDX-License-Identifier: Apache-2.0
// A place in a text is encoded as kUnit NAME kUnit or kUnit NAME kEquals VALUE kUnit. Both
// separators are ASCII control characters, which no name and hardly any text contains.
#include "bertune/error.h"

#include <algorithm>
#include <utility>

namespace bertune {
namespace {

constexpr char kUnit = '\x1f', kEquals = '\x1e';

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Calls plain(text) and place(name, value) for the parts of a text, in order. A separator that does
// not belong to a place is plain text.
template <typename Plain, typename Place>
void for_each_part(std::string_view text, const Plain& plain, const Place& place) {
  for (size_t begin = text.find(kUnit); begin != text.npos; begin = text.find(kUnit)) {
    const size_t end = text.find(kUnit, begin + 1);
    if (end == text.npos) break;
    const std::string_view inside = text.substr(begin + 1, end - begin - 1);
    const size_t equals = inside.find(kEquals);
    if (!is_name(inside.substr(0, equals))) {
      plain(text.substr(0, end));
      text.remove_prefix(end);
      continue;
    }
    plain(text.substr(0, begin));
    place(inside.substr(0, equals),
          equals == inside.npos ? std::nullopt : std::optional(inside.substr(equals + 1)));
    text.remove_prefix(end + 1);
  }
  plain(text);
}

std::string spelled(std::string_view text, const OptionSpelling& spelling) {
  std::string out;
  for_each_part(
      text, [&](std::string_view plain) { out += plain; },
      [&](std::string_view name, std::optional<std::string_view> value) {
        out += spelling(name, value);
      });
  return out;
}

std::string neutral(std::string_view name, std::optional<std::string_view> value) {
  return value ? std::string(name) + "=" + std::string(*value) : std::string(name);
}

}  // namespace

std::string option(std::string_view name) { return kUnit + std::string(name) + kUnit; }

std::string option(std::string_view name, std::string_view value) {
  std::string inside(value);
  std::erase_if(inside, [](char c) { return c == kUnit || c == kEquals; });
  return kUnit + std::string(name) + kEquals + inside + kUnit;
}

Error::Error(ErrorKind kind, std::string message, std::string hint)
    : kind_(kind),
      message_(std::move(message)),
      hint_(std::move(hint)),
      what_(spelled(message_, neutral)) {}

std::string Error::hint() const { return spelled(hint_, neutral); }

std::string Error::message(const OptionSpelling& spelling) const {
  return spelled(message_, spelling);
}

std::string Error::hint(const OptionSpelling& spelling) const { return spelled(hint_, spelling); }

std::vector<std::string> Error::options() const {
  std::vector<std::string> names;
  for (const std::string* text : {&message_, &hint_}) {
    for_each_part(
        *text, [](std::string_view) {},
        [&](std::string_view name, const std::optional<std::string_view>&) {
          if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
        });
  }
  return names;
}

Error Error::at(std::string_view place) const {
  return {kind_, std::string(place) + ": " + message_, hint_};
}

Error Error::with_hint(std::string_view more) const {
  return {kind_, message_, hint_ + std::string(more)};
}

}  // namespace bertune
