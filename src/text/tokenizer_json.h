// SPDX-License-Identifier: Apache-2.0
// What tokenizer.json and tokenizer_config.json say, checked but not yet weighed against each
// other.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bertune {

// The casing that one file gives; what it does not mention is empty.
struct Casing {
  std::optional<bool> lower_case;
  std::optional<bool> space_chinese;
  bool mentions_accents = false;
  std::optional<bool> strip_accents;  // empty though mentioned (null): as lower_case
};

struct TokenizerJson {
  std::vector<std::string> vocabulary;  // by id; an id that the file leaves out has an empty piece
  Casing casing;
};

// Reads a tokenizer.json that must describe BERT's tokenizer. Its truncation and padding are
// ignored. Throws Error{kSystem, kInput}; another model, normalizer or pre-tokenizer is refused by
// name.
TokenizerJson read_tokenizer_json(const std::filesystem::path& path);

// Reads the casing from a tokenizer_config.json. Throws Error{kSystem, kInput}.
Casing read_tokenizer_config(const std::filesystem::path& path);

}  // namespace bertune
