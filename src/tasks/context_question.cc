// SPDX-License-Identifier: Apache-2.0
#include "tasks/context_question.h"

#include <fmt/format.h>

#include <vector>

#include "bertune/error.h"
#include "text/python_text.h"
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

class DashSplitter {
 public:
  DashSplitter(std::string_view text, const SideNames& names) : text_(text), names_(names) {}
  std::pair<std::string, std::string> split() const;

 private:
  Dash choose_dash() const;
  [[noreturn]] void fail(const std::string& what) const;

  std::string_view text_;
  const SideNames& names_;
};

std::pair<std::string, std::string> DashSplitter::split() const {
  const Dash dash = choose_dash();
  const std::string_view first = python_strip(text_.substr(0, dash.begin));
  const std::string_view second = python_strip(text_.substr(dash.begin + dash.bytes));
  if (first.empty()) fail(fmt::format("no {} before the dash", names_.first));
  if (second.empty()) fail(fmt::format("no {} after the dash", names_.second));
  return {std::string(first), std::string(second)};
}

Dash DashSplitter::choose_dash() const {
  const std::vector<Dash> dashes = find_dashes(text_);
  for (auto dash = dashes.rbegin(); dash != dashes.rend(); ++dash) {
    if (stands_between_spaces(text_, *dash)) return *dash;
  }
  if (dashes.empty()) fail(fmt::format("no dash separates {} and {}", names_.first, names_.second));
  if (dashes.size() > 1) fail("there are several dashes, and none of them between spaces");
  return dashes.front();
}

void DashSplitter::fail(const std::string& what) const {
  const size_t end = byte_of_code_point(text_, 80);
  std::string shown(text_.substr(0, end));
  if (end < text_.size()) shown += "...";
  throw Error(
      ErrorKind::kInput, fmt::format("{}: '{}'", what, shown),
      fmt::format("write it as \"{0} - {1}\", the dash between spaces, or give the two apart "
                  "as {{\"{0}\": ..., \"{1}\": ...}}",
                  names_.first, names_.second));
}

}  // namespace

std::pair<std::string, std::string> split_at_dash(std::string_view text, const SideNames& names) {
  return DashSplitter(text, names).split();
}

ContextQuestion split_context_question(std::string_view text) {
  auto [context, question] = split_at_dash(text, {.first = "context", .second = "question"});
  return {std::move(context), std::move(question)};
}

}  // namespace bertune
