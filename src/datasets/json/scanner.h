// SPDX-License-Identifier: Apache-2.0
// Walks through the outer levels of a JSON text of any size without building anything, so that its
// parts can be parsed one by one. It checks the syntax between values; a parser checks the values.
#pragma once

#include <cstddef>
#include <exception>
#include <string_view>

namespace bertune {

// The text is not JSON. A parser finds the place.
struct JsonFault : std::exception {};

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  // The next character after blanks; '\0' at the end.
  char peek();
  bool at_end() { return peek() == '\0' && position_ == text_.size(); }
  size_t position() const { return position_; }  // after what was taken or peeked over

  // Calls member(key) for each member of the next object; member takes the value, for example with
  // value(). Keys are the raw text between the quotes.
  template <typename Member>
  void object(const Member& member) {
    items('{', '}', [&] {
      if (peek() != '"') throw JsonFault();
      const std::string_view key = value();
      take(':');
      member(key.substr(1, key.size() - 2));
    });
  }

  // Calls element() for each element of the next list.
  template <typename Element>
  void array(const Element& element) {
    items('[', ']', element);
  }

  // The same one by one: enters the next list, and moves to its next element after one was taken.
  // Returns false after the last element, when the whole list is behind.
  bool enter_array() { return enter('[', ']'); }
  bool next_element() { return next(']'); }

  // The text of the next value.
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
