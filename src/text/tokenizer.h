// SPDX-License-Identifier: Apache-2.0
// BERT's tokenizer: text to WordPiece ids, each with its byte range in the original text.
// Identical to PyPI's `tokenizers` on every text; the rules are in docs/tokenizer.md. Knows nothing
// of windows and batches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalization.h"

namespace bertune {

// One piece of a text. `begin` and `end` are bytes of the text that was given to `tokenize`.
struct Token {
  int32_t id;
  uint32_t begin;
  uint32_t end;  // exclusive
  friend bool operator==(const Token&, const Token&) = default;
};

struct SpecialTokens {
  int32_t pad, unk, cls, sep, mask;
};

class Tokenizer {
 public:
  // From a model folder, or that of a file of a model: vocab.txt or tokenizer.json, with the casing
  // of tokenizer_config.json, else of tokenizer.json, else lower-casing, which is then said aloud.
  // `lower_case` overrides. Throws Error{kSystem, kInput}.
  static Tokenizer load(const std::filesystem::path& folder, std::optional<bool> lower_case = {});

  // From the lines of a vocab.txt (split at \n only, nothing trimmed). Throws Error{kInput} when
  // one of the five special tokens is missing.
  Tokenizer(std::vector<std::string> vocabulary, Normalization normalization);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // Appends the pieces of `text`, which must be valid UTF-8 (see replace_invalid_utf8), to
  // `tokens`. Adds no [CLS] and [SEP]; never truncates. Safe to call from several threads.
  void tokenize(std::string_view text, std::vector<Token>& tokens) const;

  const std::vector<std::string>& vocabulary() const;  // piece of each id
  const SpecialTokens& special() const;
  const Normalization& normalization() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bertune
