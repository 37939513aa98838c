// SPDX-License-Identifier: Apache-2.0
// UTF-8 validity by table 3-7 of the Unicode Standard (well-formed byte sequences): the lead byte
// determines the length and the range of the second byte.
#include "text/utf8.h"

#include <algorithm>
#include <cstring>

namespace bertune {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// What a lead byte determines: the length of the sequence (0: not a lead byte) and the range of the
// second byte.
struct LeadByte {
  uint8_t length;
  unsigned char second_first = 0x80;
  unsigned char second_last = 0xBF;
};

LeadByte classify_lead(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xC2) return {0};
  if (lead < 0xE0) return {2};
  if (lead == 0xE0) return {3, 0xA0};
  if (lead == 0xED) return {3, 0x80, 0x9F};  // excludes surrogates
  if (lead < 0xF0) return {3};
  if (lead == 0xF0) return {4, 0x90};
  if (lead < 0xF4) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

struct Sequence {
  size_t bytes;  // of the code point, or of the maximal invalid part that one U+FFFD replaces
  bool valid;
};

Sequence read_sequence(std::string_view text, size_t position) {
  const LeadByte lead = classify_lead(static_cast<unsigned char>(text[position]));
  if (lead.length == 0) return {1, false};
  const size_t left = text.size() - position;
  for (size_t i = 1; i < lead.length; ++i) {
    if (i == left) return {i, false};
    const auto byte = static_cast<unsigned char>(text[position + i]);
    const unsigned char first = i == 1 ? lead.second_first : 0x80;
    const unsigned char last = i == 1 ? lead.second_last : 0xBF;
    if (byte < first || byte > last) return {i, false};
  }
  return {lead.length, true};
}

// The end of the run of ASCII bytes that begins at `position`, found eight bytes at a time.
size_t end_of_ascii(std::string_view text, size_t position) {
  while (position + 8 <= text.size()) {
    uint64_t eight;
    std::memcpy(&eight, text.data() + position, 8);
    if (eight & 0x8080808080808080ull) break;
    position += 8;
  }
  while (position < text.size() && static_cast<unsigned char>(text[position]) < 0x80) ++position;
  return position;
}

// The first invalid part at or after `position`; if there is none, the end of the text with {0,
// true}.
std::pair<size_t, Sequence> find_invalid(std::string_view text, size_t position) {
  for (;;) {
    position = end_of_ascii(text, position);
    if (position == text.size()) return {position, {0, true}};
    const Sequence sequence = read_sequence(text, position);
    if (!sequence.valid) return {position, sequence};
    position += sequence.bytes;
  }
}

int64_t count_leads(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); });
}

}  // namespace

std::string replace_invalid_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t position = 0;;) {
    const auto [end, sequence] = find_invalid(bytes, position);
    text.append(bytes.substr(position, end - position));
    if (end == bytes.size()) return text;
    text.append("\uFFFD");
    position = end + sequence.bytes;
  }
}

bool is_valid_utf8(std::string_view bytes) { return find_invalid(bytes, 0).first == bytes.size(); }

int64_t count_code_points(std::string_view text) { return count_leads(text); }

size_t byte_of_code_point(std::string_view text, int64_t index) {
  size_t byte = 0;
  for (; byte < text.size(); ++byte) {
    if (!is_continuation(text[byte]) && index-- == 0) break;
  }
  return byte;
}

int64_t CodePointCounter::at(size_t byte) {
  if (byte >= byte_) {
    code_point_ += count_leads(text_.substr(byte_, byte - byte_));
  } else {
    code_point_ -= count_leads(text_.substr(byte, byte_ - byte));
  }
  byte_ = byte;
  return code_point_;
}

}  // namespace bertune
