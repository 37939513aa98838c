// SPDX-License-Identifier: Apache-2.0
// A text, or a pair, as the model reads it and as people look at it: [CLS] and [SEP] added, pieces
// as strings, offsets in code points. For the command line and for Python; training goes through
// data/window.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace bertune {

// Code points begin .. end (exclusive) of the text that a token stems from; 0, 0 of an added token.
struct CodePointRange {
  int64_t begin = 0;
  int64_t end = 0;
  friend bool operator==(const CodePointRange&, const CodePointRange&) = default;
};

// Four lists of the same length, one entry a token.
struct Encoding {
  std::vector<std::string> tokens;
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;  // 0 up to the first [SEP], 1 after it
  std::vector<CodePointRange> offsets;
};

// Both never truncate. The texts must be valid UTF-8 (see replace_invalid_utf8).
Encoding encode(const Tokenizer& tokenizer, std::string_view text);
Encoding encode_pair(const Tokenizer& tokenizer, std::string_view first, std::string_view second);

// The ranges of `tokens` in code points of `text`, in one pass over it.
std::vector<CodePointRange> code_point_ranges(std::string_view text,
                                              const std::vector<Token>& tokens);

}  // namespace bertune
