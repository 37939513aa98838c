// SPDX-License-Identifier: Apache-2.0
// BERT's tokenizer: maps text to WordPiece ids, each with its byte range in the original text. Its
// results are identical to those of PyPI's `tokenizers` for every text; docs/tokenizer.md has the
// rules.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// How a text is normalised before it is split into words: BERT's three switches, with the defaults
// of the uncased models.
struct Normalization {
  bool lower_case = true;
  bool strip_accents = true;
  bool space_chinese = true;  // tokenize_chinese_chars
  friend bool operator==(const Normalization&, const Normalization&) = default;
};

// One piece of a text. `begin` and `end` are byte offsets into the text given to `tokenize`.
struct Token {
  int32_t id;
  uint32_t begin;
  uint32_t end;  // exclusive
  friend bool operator==(const Token&, const Token&) = default;
};

struct SpecialTokens {
  int32_t pad, unk, cls, sep, mask;
  friend bool operator==(const SpecialTokens&, const SpecialTokens&) = default;
};

// Code points [begin, end) of the text that a token comes from; 0, 0 for an added special token.
struct CodePointRange {
  int64_t begin = 0;
  int64_t end = 0;
  friend bool operator==(const CodePointRange&, const CodePointRange&) = default;
};

// Four lists of the same length, with one entry per token.
struct Encoding {
  std::vector<std::string> tokens;
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;  // 0 up to the first [SEP], 1 after it
  std::vector<CodePointRange> offsets;
};

class Tokenizer {
 public:
  // Loads the tokenizer of a model folder, or of the folder of a model file: vocab.txt or
  // tokenizer.json. The casing comes from tokenizer_config.json, or else from tokenizer.json; if
  // neither sets it, text is lower-cased and this is logged. `lower_case` overrides it. Throws
  // Error{kSystem, kInput}.
  static Tokenizer load(const std::filesystem::path& folder, std::optional<bool> lower_case = {});

  // From the lines of a vocab.txt (split at \n only, without trimming). Throws Error{kInput} if one
  // of the five special tokens is missing.
  Tokenizer(std::vector<std::string> vocabulary, Normalization normalization);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // Appends the pieces of `text`, which must be valid UTF-8, to `tokens`. Does not add [CLS] and
  // [SEP], and never truncates. Thread-safe.
  void tokenize(std::string_view text, std::vector<Token>& tokens) const;

  const std::vector<std::string>& vocabulary() const;  // the piece of each id
  const SpecialTokens& special() const;
  const Normalization& normalization() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Encodes a text or a pair as BERT's input: [CLS] first, [SEP] after each text. Neither function
// truncates. Invalid UTF-8 becomes U+FFFD.
Encoding encode(const Tokenizer& tokenizer, std::string_view text);
Encoding encode_pair(const Tokenizer& tokenizer, std::string_view first, std::string_view second);

struct TextToEncode {
  std::string text;
  std::optional<std::string> text_pair;
};

// Encodes many texts on all cores. The result is in input order.
std::vector<Encoding> encode_batch(const Tokenizer& tokenizer, std::span<const TextToEncode> texts);

// The text with every maximal invalid part replaced by U+FFFD, exactly as Python's
// bytes.decode("utf-8", errors="replace") does. Valid text is returned unchanged.
std::string replace_invalid_utf8(std::string_view bytes);

}  // namespace bertune
