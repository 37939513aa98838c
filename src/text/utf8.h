// SPDX-License-Identifier: Apache-2.0
// UTF-8: decoding, replacement of invalid bytes, and conversion of offsets to code points. Knows
// nothing of character properties.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bertune/tokenizer.h"  // replace_invalid_utf8

namespace bertune {

bool is_valid_utf8(std::string_view bytes);

// Number of code points of a valid text.
int64_t count_code_points(std::string_view text);

// The byte offset of code point `index` (0 .. count) of a valid text, or text.size() beyond its
// end.
size_t byte_of_code_point(std::string_view text, int64_t index);

// Converts byte offsets of one valid text to code-point offsets. It counts from the last requested
// offset, so a mostly ascending sequence of requests costs one pass over the text.
class CodePointCounter {
 public:
  explicit CodePointCounter(std::string_view text) : text_(text) {}
  int64_t at(size_t byte);

 private:
  std::string_view text_;
  size_t byte_ = 0;
  int64_t code_point_ = 0;
};

struct DecodedCodePoint {
  char32_t value;
  uint32_t bytes;
};

// The code point at `position` (below text.size()) of a valid text. Invalid bytes yield a wrong
// code point, but never one above U+10FFFF or a read past the end of the text.
inline DecodedCodePoint decode_code_point(std::string_view text, size_t position) {
  constexpr char32_t kReplacement = 0xFFFD;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t left = text.size() - position;
  if (lead < 0xE0) {
    if (left < 2) return {kReplacement, 1};
    return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  }
  if (lead < 0xF0) {
    if (left < 3) return {kReplacement, 1};
    return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  if (left < 4 || lead > 0xF4) return {kReplacement, 1};
  const char32_t value =
      (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  return {value <= 0x10FFFF ? value : kReplacement, 4};
}

// Writes `code_point` to `out`, which must have room for four bytes. Returns the number of bytes.
inline uint32_t encode_code_point(char32_t code_point, char* out) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | (code_point >> shift & 0x3F));
  };
  if (code_point < 0x80) {
    out[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = static_cast<char>(0xC0 | code_point >> 6);
    out[1] = tail(0);
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = static_cast<char>(0xE0 | code_point >> 12);
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | code_point >> 18);
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

}  // namespace bertune
