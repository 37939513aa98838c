// SPDX-License-Identifier: Apache-2.0
// Walks through the outer levels of a JSON text of any size without building anything, so that its
// parts can be parsed one by one. Strict about what lies between values, not about values: those
// are for a parser.
#pragma once

#include <cstddef>
#include <exception>
#include <string_view>

namespace bertune {

// This is no JSON; where, is for a parser to say.
struct JsonFault : std::exception {};

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  // What comes next, after blanks; '\0' at the end.
  char peek();
  bool at_end() { return peek() == '\0' && position_ == text_.size(); }
  size_t position() const { return position_; }  // behind what was taken or peeked over

  // Calls member(key) for each member of the object that comes next; it takes the value, for
  // example with value(). Keys are as they stand between their quotes.
  template <typename Member>
  void object(const Member& member) {
    items('{', '}', [&] {
      if (peek() != '"') throw JsonFault();
      const std::string_view key = value();
      take(':');
      member(key.substr(1, key.size() - 2));
    });
  }

  // Calls element() for each element of the list that comes next.
  template <typename Element>
  void array(const Element& element) {
    items('[', ']', element);
  }

  // The same one by one: into the list that comes next, and on to its next element once the last
  // one was taken. False: there is none, and the list is behind.
  bool enter_array() { return enter('[', ']'); }
  bool next_element() { return next(']'); }

  // The text of the value that comes next.
  std::string_view value();

 private:
  template <typename Item>
  void items(char open, char close, const Item& item) {
    for (bool more = enter(open, close); more; more = next(close)) item();
  }

  bool enter(char open, char close);
  bool next(char close);
  void take(char expected);
  void skip_string();
  void skip_nested();

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace bertune
