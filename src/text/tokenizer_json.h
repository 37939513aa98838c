// SPDX-License-Identifier: Apache-2.0
// The content of tokenizer.json and tokenizer_config.json, each checked by itself. Relies on
// base/json; tokenizer_files.h decides between the files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bertune {

// The casing set by one file; a setting that it does not mention is empty.
struct Casing {
  std::optional<bool> lower_case;
  std::optional<bool> space_chinese;
  bool mentions_accents = false;
  std::optional<bool> strip_accents;  // empty but mentioned (null): the same as lower_case
};

struct TokenizerJson {
  std::vector<std::string> vocabulary;  // by id; the piece of an unused id is empty
  Casing casing;
};

// Reads a tokenizer.json that must describe BERT's tokenizer. Its truncation and padding are
// ignored. Throws Error{kSystem, kInput}; the message names an unsupported model, normalizer or
// pre-tokenizer.
TokenizerJson read_tokenizer_json(const std::filesystem::path& path);

// Reads the casing from a tokenizer_config.json. Throws Error{kSystem, kInput}.
Casing read_tokenizer_config(const std::filesystem::path& path);

}  // namespace bertune
