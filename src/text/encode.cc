// SPDX-License-Identifier: Apache-2.0
// The lists of an Encoding grow together, one token at a time. Code-point offsets are counted after
// a text has been tokenized, in token order.
#include "text/encode.h"

#include "base/parallel.h"
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
    std::string valid;
    if (!is_valid_utf8(text)) text = valid = replace_invalid_utf8(text);
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

std::vector<Encoding> encode_batch(const Tokenizer& tokenizer,
                                   std::span<const TextToEncode> texts) {
  constexpr int64_t kTextsInBlock = 16;  // the work unit of a thread
  std::vector<Encoding> encodings(texts.size());
  parallel_for(static_cast<int64_t>(texts.size()), kTextsInBlock, [&](int64_t i, int64_t end) {
    for (; i < end; ++i) {
      const auto& [text, text_pair] = texts[static_cast<size_t>(i)];
      encodings[static_cast<size_t>(i)] =
          text_pair ? encode_pair(tokenizer, text, *text_pair) : encode(tokenizer, text);
    }
  });
  return encodings;
}

std::vector<CodePointRange> code_point_ranges(std::string_view text,
                                              const std::vector<Token>& tokens) {
  // Two counters because ends are ahead of begins; each sequence ascends.
  CodePointCounter begins(text);
  CodePointCounter ends(text);
  std::vector<CodePointRange> ranges;
  ranges.reserve(tokens.size());
  for (const Token& token : tokens) ranges.push_back({begins.at(token.begin), ends.at(token.end)});
  return ranges;
}

}  // namespace bertune
