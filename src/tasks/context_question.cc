// SPDX-License-Identifier: Apache-2.0
#include "tasks/context_question.h"

#include <fmt/format.h>

#include <vector>

#include "bertune/error.h"
#include "tasks/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

struct Dash {
  size_t begin;
  size_t bytes;
};

// Bytes of a hyphen, en dash (U+2013) or em dash (U+2014) at `position`; 0: none.
size_t dash_at(std::string_view text, size_t position) {
  if (text[position] == '-') return 1;
  const std::string_view three = text.substr(position, 3);
  return three == "\u2013" || three == "\u2014" ? 3 : 0;
}

std::vector<Dash> find_dashes(std::string_view text) {
  std::vector<Dash> dashes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (const size_t bytes = dash_at(text, i)) dashes.push_back({i, bytes});
  }
  return dashes;
}

bool stands_between_spaces(std::string_view text, const Dash& dash) {
  const size_t end = dash.begin + dash.bytes;
  return dash.begin > 0 && text[dash.begin - 1] == ' ' && end < text.size() && text[end] == ' ';
}

[[noreturn]] void fail(std::string_view text, const char* what) {
  const size_t end = byte_of_code_point(text, 80);
  std::string shown(text.substr(0, end));
  if (end < text.size()) shown += "...";
  throw Error(
      ErrorKind::kInput, fmt::format("{}: '{}'", what, shown),
      "write it as \"context - question\", the dash between spaces, or give the two apart as "
      "{\"context\": ..., \"question\": ...}");
}

Dash choose_dash(std::string_view text) {
  const std::vector<Dash> dashes = find_dashes(text);
  for (auto dash = dashes.rbegin(); dash != dashes.rend(); ++dash) {
    if (stands_between_spaces(text, *dash)) return *dash;
  }
  if (dashes.empty()) fail(text, "no dash separates context and question");
  if (dashes.size() > 1) fail(text, "there are several dashes, and none of them between spaces");
  return dashes.front();
}

}  // namespace

ContextQuestion split_context_question(std::string_view text) {
  const Dash dash = choose_dash(text);
  const std::string_view context = python_strip(text.substr(0, dash.begin));
  const std::string_view question = python_strip(text.substr(dash.begin + dash.bytes));
  if (context.empty()) fail(text, "no context before the dash");
  if (question.empty()) fail(text, "no question after the dash");
  return {std::string(context), std::string(question)};
}

}  // namespace bertune
