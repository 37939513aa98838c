// SPDX-License-Identifier: Apache-2.0
#include "datasets/json/scanner.h"

#include <algorithm>

namespace bertune {

char JsonScanner::peek() {
  constexpr std::string_view kBlank = " \t\r\n";
  position_ = std::min(text_.find_first_not_of(kBlank, position_), text_.size());
  return position_ < text_.size() ? text_[position_] : '\0';
}

void JsonScanner::take(char expected) {
  if (peek() != expected || position_ == text_.size()) throw JsonFault();
  ++position_;
}

bool JsonScanner::enter(char open, char close) {
  take(open);
  if (peek() != close) return true;
  take(close);
  return false;
}

bool JsonScanner::next(char close) {
  const bool more = peek() == ',';
  take(more ? ',' : close);
  return more;
}

std::string_view JsonScanner::value() {
  const char first = peek();
  const size_t begin = position_;
  if (first == '"') {
    skip_string();
  } else if (first == '{' || first == '[') {
    skip_nested();
  } else {
    position_ = std::min(text_.find_first_of(",:]} \t\r\n", position_), text_.size());
  }
  if (position_ == begin) throw JsonFault();
  return text_.substr(begin, position_ - begin);
}

void JsonScanner::skip_string() {
  for (++position_; position_ < text_.size(); ++position_) {
    if (text_[position_] == '\\') {
      ++position_;
    } else if (text_[position_] == '"') {
      ++position_;
      return;
    }
  }
  throw JsonFault();
}

void JsonScanner::skip_nested() {
  for (size_t depth = 0; position_ < text_.size();) {
    const char c = text_[position_];
    if (c == '"') {
      skip_string();
      continue;
    }
    ++position_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return;
  }
  throw JsonFault();
}

}  // namespace bertune
