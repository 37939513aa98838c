// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as UTF-8: repair, counting, and the parts of Python's str on which metrics
// depend.
#include "text/utf8.h"

#include "fuzz/fuzz.h"
#include "tasks/question_answering/metrics.h"
#include "text/code_point_index.h"
#include "text/python_text.h"

namespace bertune {
namespace {

bool lies_in(std::string_view part, std::string_view text) {
  return part.empty() ||
         (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
}

void check_counting(std::string_view text) {
  const CodePointIndex index(text);
  CodePointCounter counter(text);
  CHECK(index.size() == count_code_points(text));
  int64_t code_point = 0;
  for (size_t byte = 0; byte < text.size(); ++code_point) {
    CHECK(index.byte_of(code_point) == byte && index.code_point_of(byte) == code_point);
    CHECK(counter.at(byte) == code_point);
    char encoded[4];
    const DecodedCodePoint decoded = decode_code_point(text, byte);
    CHECK(encode_code_point(decoded.value, encoded) == decoded.bytes);
    CHECK(text.substr(byte, decoded.bytes) == std::string_view(encoded, decoded.bytes));
    byte += decoded.bytes;
  }
  CHECK(code_point == index.size() && index.byte_of(code_point) == text.size());
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string text = replace_invalid_utf8(input);
  CHECK(is_valid_utf8(text) && replace_invalid_utf8(text) == text);
  CHECK(is_valid_utf8(input) == (text == input));
  check_counting(text);
  CHECK(is_valid_utf8(python_lower(text)) && lies_in(python_strip(text), text));
  for (const std::string_view word : python_split(text)) CHECK(lies_in(word, text));
  const std::string normalized = normalize_answer(text);
  CHECK(is_valid_utf8(normalized));
  for (size_t byte = 0; byte < input.size();) byte += decode_code_point(input, byte).bytes;
}

}  // namespace bertune
