// SPDX-License-Identifier: Apache-2.0
#include "text/python_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "text/find_range.h"
#include "text/python_tables.h"
#include "text/utf8.h"

namespace bertune {
namespace {

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kSmallSigma = 0x3C3;
constexpr char32_t kFinalSigma = 0x3C2;
constexpr char32_t kCapitalIWithDot = 0x130;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool contains(std::span<const python_tables::Range> ranges, char32_t code_point) {
  return find_range(ranges, code_point) != nullptr;
}

char32_t lower_code_point(char32_t code_point) {
  const auto* range = find_range(python_tables::kLowerCase, code_point);
  if (range == nullptr || (code_point - range->first) % range->step != 0) return code_point;
  return static_cast<char32_t>(static_cast<int32_t>(code_point) + range->delta);
}

void append(std::string& out, char32_t code_point) {
  char bytes[4];
  out.append(bytes, encode_code_point(code_point, bytes));
}

// The first byte of the code point before `position`, which must be above 0.
size_t previous(std::string_view text, size_t position) {
  do {
    --position;
  } while (position > 0 && (text[position] & 0xC0) == 0x80);
  return position;
}

bool is_cased_before(std::string_view text, size_t position) {
  while (position > 0) {
    position = previous(text, position);
    const char32_t c = decode_code_point(text, position).value;
    if (!contains(python_tables::kCaseIgnorable, c)) return contains(python_tables::kCased, c);
  }
  return false;
}

bool is_cased_after(std::string_view text, size_t position) {
  while (position < text.size()) {
    const DecodedCodePoint c = decode_code_point(text, position);
    if (!contains(python_tables::kCaseIgnorable, c.value)) {
      return contains(python_tables::kCased, c.value);
    }
    position += c.bytes;
  }
  return false;
}

// The number of bytes of the white space character at `position`, or 0 if there is none.
size_t space_at(std::string_view text, size_t position) {
  const char c = text[position];
  if (is_ascii(c)) return is_python_space(static_cast<unsigned char>(c)) ? 1 : 0;
  const DecodedCodePoint decoded = decode_code_point(text, position);
  return is_python_space(decoded.value) ? decoded.bytes : 0;
}

size_t bytes_at(std::string_view text, size_t position) {
  return is_ascii(text[position]) ? 1 : decode_code_point(text, position).bytes;
}

}  // namespace

std::string python_lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_ascii(c)) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
      ++i;
      continue;
    }
    const DecodedCodePoint decoded = decode_code_point(text, i);
    const size_t end = i + decoded.bytes;
    if (decoded.value == kCapitalSigma) {
      const bool final = is_cased_before(text, i) && !is_cased_after(text, end);
      append(out, final ? kFinalSigma : kSmallSigma);
    } else if (decoded.value == kCapitalIWithDot) {
      out += "i\u0307";
    } else {
      append(out, lower_code_point(decoded.value));
    }
    i = end;
  }
  return out;
}

bool is_python_space(char32_t code_point) {
  if (code_point < 0x80)
    return (code_point >= 9 && code_point <= 13) || (code_point >= 0x1C && code_point <= 0x20);
  return contains(python_tables::kSpaces, code_point);
}

bool is_python_word(char32_t code_point) {
  if (code_point < 0x80) {
    return (code_point >= 'a' && code_point <= 'z') || (code_point >= 'A' && code_point <= 'Z') ||
           (code_point >= '0' && code_point <= '9') || code_point == '_';
  }
  return contains(python_tables::kWords, code_point);
}

std::vector<std::string_view> python_split(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t space = space_at(text, i);
    if (space == 0) {
      i += bytes_at(text, i);
      continue;
    }
    if (i > begin) parts.push_back(text.substr(begin, i - begin));
    i += space;
    begin = i;
  }
  if (begin < text.size()) parts.push_back(text.substr(begin));
  return parts;
}

std::string_view python_lstrip(std::string_view text) {
  while (!text.empty()) {
    const size_t space = space_at(text, 0);
    if (space == 0) break;
    text.remove_prefix(space);
  }
  return text;
}

std::string_view python_strip(std::string_view text) {
  text = python_lstrip(text);
  while (!text.empty()) {
    const size_t last = previous(text, text.size());
    if (space_at(text, last) == 0) break;
    text = text.substr(0, last);
  }
  return text;
}

std::string python_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 400> buffer;
  // Python uses an exponent below 1e-4 and from 1e16 on.
  const double size = std::fabs(value);
  const bool fixed = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  std::string text(buffer.data(), result.ptr);
  if (fixed && text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace bertune
