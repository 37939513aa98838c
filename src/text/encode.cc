// SPDX-License-Identifier: Apache-2.0
// The lists of an Encoding grow together, one token at a time; code points are counted after a text
// has been cut, in the order of its tokens.
#include "text/encode.h"

#include "text/utf8.h"

namespace bertune {
namespace {

class Encoder {
 public:
  explicit Encoder(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void append(int32_t id, CodePointRange range, int32_t type_id) {
    encoding_.tokens.push_back(tokenizer_.vocabulary()[static_cast<size_t>(id)]);
    encoding_.ids.push_back(id);
    encoding_.type_ids.push_back(type_id);
    encoding_.offsets.push_back(range);
  }

  void append_text(std::string_view text, int32_t type_id) {
    std::vector<Token> tokens;
    tokenizer_.tokenize(text, tokens);
    const std::vector<CodePointRange> ranges = code_point_ranges(text, tokens);
    for (size_t i = 0; i < tokens.size(); ++i) append(tokens[i].id, ranges[i], type_id);
    append(tokenizer_.special().sep, {}, type_id);
  }

  Encoding take() { return std::move(encoding_); }

 private:
  const Tokenizer& tokenizer_;
  Encoding encoding_;
};

}  // namespace

Encoding encode(const Tokenizer& tokenizer, std::string_view text) {
  Encoder encoder(tokenizer);
  encoder.append(tokenizer.special().cls, {}, 0);
  encoder.append_text(text, 0);
  return encoder.take();
}

Encoding encode_pair(const Tokenizer& tokenizer, std::string_view first, std::string_view second) {
  Encoder encoder(tokenizer);
  encoder.append(tokenizer.special().cls, {}, 0);
  encoder.append_text(first, 0);
  encoder.append_text(second, 1);
  return encoder.take();
}

std::vector<CodePointRange> code_point_ranges(std::string_view text,
                                              const std::vector<Token>& tokens) {
  // Two counters, because ends run ahead of begins, and each ascends.
  CodePointCounter begins(text);
  CodePointCounter ends(text);
  std::vector<CodePointRange> ranges;
  ranges.reserve(tokens.size());
  for (const Token& token : tokens) ranges.push_back({begins.at(token.begin), ends.at(token.end)});
  return ranges;
}

}  // namespace bertune
